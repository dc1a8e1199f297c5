import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import type { Project } from '../../src/config/schema.ts';
import { applyFleet } from '../../src/fleet/apply.ts';
import { planFleet } from '../../src/fleet/plan.ts';
import type { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { type Fault, type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { THREE_FILES } from '../helpers/scaling-fleet.ts';

let world: RolloutWorld;
let proxy: FaultyProxy;
let cloud: Cloud;

beforeEach(async () => {
  world = await RolloutWorld.start();
  proxy = await faultyProxy(world.local.endpoint);
  const { credentials, region, engine } = world.local;
  const virtual = engine.clock as VirtualClock;
  const clock = {
    now: () => virtual.now(),
    async sleep(ms: number) {
      virtual.advance(ms);
      await engine.idle();
    },
  };
  const { endpoint } = proxy;
  cloud = world.clock.watch(
    await openCloud({ kind: 'aws', endpoint, credentials, region, local: true, clock }),
  );
});
afterEach(async () => {
  cloud.close();
  proxy.close();
  await world.close();
});

const first = (name: string) =>
  world.project({
    fleet: {
      name,
      scaling: THREE_FILES,
      lifecycleHooks: [{ name: 'drain', on: 'terminate', heartbeat: '30s' }],
    },
  });

/** Changes something of every kind, and removes something of every kind. */
const second = (name: string) =>
  world.project({
    fleet: {
      name,
      size: { min: 1, max: 8, desired: 3 },
      instanceType: 't3.large',
      lifecycleHooks: [{ name: 'ready', on: 'launch', heartbeat: '30s' }],
      scaling: [
        { policy: 'bake:emergency', variables: { queue: 'jobs', high: '60', veryHigh: '200' } },
        { policy: 'bake:backlog', name: 'other', variables: { queue: 'others' } },
      ],
    },
  });

const isWriting = (operation: string) => !/^(Describe|Get|List)/.test(operation);

/** The names that are left when apply dies before its first, second … changing call, and how many calls it takes in all. */
async function dyingAtEachCall(
  configure: (name: string) => Project,
  prepare: (name: string) => Promise<unknown>,
) {
  for (let deadly = 1; ; deadly++) {
    const name = `fleet-${deadly}`;
    await prepare(name);
    let calls = 0;
    proxy.fail('a refusal', (_, operation) => isWriting(operation) && ++calls === deadly);
    const died = await applyFleet(world.run(), cloud, configure(name)).then(
      () => false,
      () => true,
    );
    proxy.fail('a refusal', () => false);
    const again = await applyFleet(world.run(), cloud, configure(name));
    expect(again.inService, name).toBe(3);
    const plan = await planFleet(world.run(), cloud, configure(name));
    expect(plan, name).toMatchObject({ exists: true, changes: [] });
    if (!died) return deadly - 1;
  }
}

describe('an apply that is cut off', () => {
  it('before any of the calls that make a fleet is completed by the next one', async () => {
    await world.addRelease(world.project(), '1');
    // Template, group, metrics; two policies and an alarm; two schedules.
    expect(await dyingAtEachCall(first, async () => {})).toBe(8);
  });

  it('before any of the calls that change a fleet is completed by the next one, and leaves nothing over', async () => {
    await world.addRelease(world.project(), '1');
    const calls = await dyingAtEachCall(second, (name) => applyFleet(world.run(), cloud, first(name)));
    // Version; hooks in and out; sizes; a policy with its alarm, another one; a policy and two schedules out.
    expect(calls).toBe(10);
    const left = (await world.root.scaling.policies('fleet-1')).map(({ name }) => name).sort();
    expect(left).toEqual(['bake-emergency', 'bake-other-backlog']);
    expect(await world.root.scaling.schedules('fleet-1')).toEqual([]);
  });
});

describe('an apply', () => {
  it.each<[Fault, RegExp, number]>([
    ['a 500', /./, 18],
    ['a lost answer', /./, 18],
    // After each one the client slows down by itself.
    ['throttling', /^PutMetricAlarm$/, 2],
  ])('whose changing calls meet %s once makes one fleet, as configured', async (fault, operations, times) => {
    await world.addRelease(world.project(), '1');
    proxy.fail(fault, (_, operation) => isWriting(operation) && operations.test(operation));
    await applyFleet(world.run(), cloud, first('workers'));
    await applyFleet(world.run(), cloud, second('workers'));
    expect(proxy.failed).toHaveLength(times);
    expect((await planFleet(world.run(), cloud, second('workers'))).changes).toEqual([]);
    expect((await world.root.templates.findByName('workers'))?.latestVersion).toBe(2);
  });
});
