import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { setProtection } from '../../src/localcloud/engine/autoscaling/membership.ts';
import { attachInstances, enterStandby } from '../../src/localcloud/engine/autoscaling/moves.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.start();
  await world.addRelease(project(), '1');
  await world.apply(project());
  await world.addRelease(project(), '2');
});
afterEach(() => world.close());

const project = (rollout: object = {}) =>
  world.project({ smoke: {}, rollout: { checkpoints: [], ...rollout } });

const ids = () => membersOf(world.local.engine, 'workers').map(({ instanceId }) => instanceId);
const group = async () => (await world.root.groups.find('workers'))!;

/** Does it once, when the first new instance is in service. */
function inTheMiddle(work: () => Promise<unknown>): void {
  let done = false;
  world.meanwhile = async () => {
    if (done || !world.fleet.includes('2')) return;
    done = true;
    await work();
  };
}

describe('a rollout of a fleet that', () => {
  it('scales out in the middle ends with the larger capacity, all of it of the new release', async () => {
    inTheMiddle(() => world.root.groups.update('workers', { desired: 6 }));
    const result = await world.rollOut(project());
    expect(world.fleet).toBe('222222');
    expect(result.instances).toBe(6);
  });

  it('scales in in the middle ends with the smaller capacity, and that is no error', async () => {
    inTheMiddle(() => world.root.groups.update('workers', { desired: 2 }));
    await world.rollOut(project());
    expect(world.fleet).toBe('22');
  });

  it('scales in to nothing and out again is no error either', async () => {
    inTheMiddle(() => world.root.groups.update('workers', { min: 0, desired: 0 }));
    const rollout = world.rollOut(project());
    while (world.fleet !== '') await world.clock.sleep(1_000);
    await world.root.groups.update('workers', { min: 1, desired: 3 });
    await rollout;
    while (world.fleet.length < 3) await world.clock.sleep(1_000);
    expect(world.fleet).toBe('222');
  });

  it('loses an instance in the middle, old or new, goes on', async () => {
    inTheMiddle(async () => {
      const { instances } = await group();
      for (const version of [1, 2]) {
        const one = instances.find(({ templateVersion }) => templateVersion === version)!;
        await world.root.instances.terminate(one.id);
      }
    });
    await world.rollOut(project());
    expect(world.fleet).toBe('222');
  });

  it('scales out in the middle of a rollout that fails goes back with the larger capacity', async () => {
    inTheMiddle(async () => {
      await world.root.groups.update('workers', { desired: 5 });
      await world.root.refreshes.rollback('workers');
    });
    await failure(world.rollOut(project()));
    expect(world.fleet).toBe('11111');
  });
});

describe('an instance that is', () => {
  it('protected from scale-in is replaced, as configured by default', async () => {
    setProtection(world.local.engine, 'workers', ids().slice(0, 2), true);
    await world.rollOut(project());
    expect(world.fleet).toBe('222');
  });

  it('protected and to be left is left, and named', async () => {
    const [one] = ids();
    setProtection(world.local.engine, 'workers', [one!], true);
    await world.rollOut(project({ scaleInProtected: 'ignore' }));
    expect(world.fleet).toBe('122');
    expect(world.said('warning')).toContain(
      `${one} is protected from scale-in and keeps launch template version 1`,
    );
  });

  it('protected and waited for ends the rollout after the progress deadline, with its name', async () => {
    const [one] = ids();
    setProtection(world.local.engine, 'workers', [one!], true);
    const before = world.clock.now();
    const error = await failure(world.rollOut(project({ scaleInProtected: 'wait', progressDeadline: '5m' })));
    expect(error.message).toMatch(new RegExp(`no progress for \\d+ m .*${one} is protected`));
    expect(world.clock.now() - before).toBeLessThan(1_200_000);
    expect(world.fleet).toBe('111');
    expect(world.said('warning')).toContain(`1 instance protected from scale-in (${one})`);
  });

  it('in standby is left, or replaced, as configured', async () => {
    const [one] = ids();
    enterStandby(world.local.engine, 'workers', [one!], false);
    while (world.fleet !== '111') await world.clock.sleep(1_000);
    await world.rollOut(project());
    expect(world.fleet).toBe('222');
    expect(ids()).toContain(one);
    expect(world.said('warning')).toContain(`${one} is in standby and keeps launch template version 1`);
    await world.addRelease(project(), '3');
    await world.rollOut(project({ standby: 'terminate' }));
    expect(world.fleet).toBe('333');
    expect(ids()).not.toContain(one);
  });

  it('attached by hand, without a launch template, is replaced like the others', async () => {
    const images = await world.root.images.findByTags({ 'bake:release': '1' });
    const launched = await world.root.instances.launch({
      token: 'by hand',
      imageId: images[0]!.id,
      instanceType: 't3.small',
      rootVolume: { type: 'gp3', encrypted: true },
      userData: '',
      tags: {},
      terminateOnShutdown: false,
    });
    const { instanceId } = launched as { instanceId: string };
    while ((await world.root.instances.find([instanceId]))[0]?.state !== 'running')
      await world.clock.sleep(1_000);
    attachInstances(world.local.engine, 'workers', [instanceId]);
    await world.rollOut(project());
    expect(world.fleet).toBe('2222');
    expect(ids()).not.toContain(instanceId);
    expect(world.said('warning')).toContain('1 instance attached by hand');
  });
});
