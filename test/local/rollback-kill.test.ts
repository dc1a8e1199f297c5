import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { type RollbackOptions, rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { rollOut } from '../../src/rollout/rollout.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

/** After this nobody takes a process that says nothing for alive any more. Milliseconds. */
const LEASE_AND_MORE = 420_000;

/** Calls that change nothing. */
const READS = /\.(find|list|read|activities|search|versions)/;

let world: RolloutWorld;
let project: Project;

/** Release 1, verified, and an image of release 2. */
beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project({
    fleet: { size: { min: 1, max: 4, desired: 2 } },
    rollout: { maxHealthyPercentage: 150, checkpoints: [50, 100], checkpointDelay: '15s' },
  });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.rollOut(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

/** Kills some work before its n-th change to the cloud, counted from 1. Returns that change, or undefined when it has no more. */
async function killAt(n: number, work: (cloud: Cloud) => Promise<unknown>): Promise<string | undefined> {
  let writes = 0;
  let last: string | undefined;
  const { killed } = await world.kill((call) => {
    if (READS.test(call) || ++writes < n) return false;
    last ??= call;
    return true;
  }, work);
  return killed ? last : undefined;
}

const rollback = (options: RollbackOptions = {}, cloud: Cloud = world.cloud) =>
  rollBackFleet(world.run(), cloud, project, options);

/** On another machine, when the dead one's lock has expired; or at once, by force. */
async function rollBackLater(n: number): Promise<void> {
  if (n % 2 === 0) await world.clock.sleep(LEASE_AND_MORE);
  await rollback({ forceUnlock: n % 2 === 1 });
}

async function expectBack(at: string): Promise<void> {
  expect(world.fleet, at).toBe('11');
  const group = (await world.root.groups.find('workers'))!;
  expect(group, at).toMatchObject({ min: 1, max: 4, desired: 2, suspendedProcesses: [] });
  expect(group.template.version, at).toBe(1);
  expect(group.tags, at).toMatchObject({ 'bake:release': '1', 'bake:verified-version': '1' });
  const refreshes = await world.root.refreshes.list('workers');
  expect(
    refreshes.filter(({ endedAt }) => endedAt === undefined),
    at,
  ).toEqual([]);
  expect(await readLock(world.root, project), at).toBeUndefined();
  expect((await world.root.queues.find('jobs-dead'))!.visible, at).toBe(0);
}

describe('bake rollback', () => {
  it('after a rolling rollout that was killed before any change it makes, ends in the release that was there', async () => {
    // Its first change is to lock the fleet: before that nobody knows of it.
    for (let n = 2; ; n++) {
      const change = await killAt(n, (cloud) => rollOut(world.run(), cloud, project, { release: '2' }));
      if (change === undefined) break;
      await rollBackLater(n);
      await expectBack(`killed before ${n}: ${change}`);
    }
    expect(world.fleet).toBe('22');
    await rollback();
    await expectBack('after a rollout that came to its end');
  }, 300_000);

  it('that is killed itself before any change it makes, is gone on with by the next', async () => {
    for (let n = 1; ; n++) {
      await world.rollOut(project, { release: '2' });
      const change = await killAt(n, (cloud) => rollback({}, cloud));
      if (change === undefined) break;
      await rollBackLater(n);
      await expectBack(`killed before ${n}: ${change}`);
    }
    await expectBack('a rollback that came to its end');
  }, 300_000);
});
