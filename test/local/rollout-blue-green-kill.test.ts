import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { abortRollout } from '../../src/rollout/rollout.ts';
import { blueGreenProject, receiving, startWorkers } from '../helpers/blue-green-world.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';

/** After this nobody takes a process that says nothing for alive any more. Milliseconds. */
const LEASE_AND_MORE = 420_000;

/** Calls that change nothing. */
const READS = /\.(find|list|read|activities|search|reachable|results|versions|differences|schedules|targets)/;

let world: RolloutWorld;
let project: Project;
afterEach(() => world.close());

/** Release 1, verified, on `workers`, and an image of release 2. */
async function begin(): Promise<void> {
  world = await startWorkers();
  project = blueGreenProject(world, { hold: '30s' });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.rollOut(project);
  await world.addRelease(project, '2');
}

/** Kills a rollout before its n-th change to the cloud, counted from 1. Returns that change, or undefined when it has no more. */
async function killAt(n: number): Promise<string | undefined> {
  let writes = 0;
  let last: string | undefined;
  const { killed } = await world.crash(project, (call) => {
    if (READS.test(call) || ++writes < n) return false;
    last ??= call;
    return true;
  });
  if (killed) await world.clock.sleep(LEASE_AND_MORE);
  return killed ? last : undefined;
}

/** One group, in front, with these versions, sizes and processes as they were at first, and nothing left to be undone by anybody. */
async function expectSettled(name: string, versions: string, at: string): Promise<void> {
  const groups = await world.cloud.groups.findAll(['workers', 'workers-green']);
  expect(
    groups.map((group) => group.name),
    at,
  ).toEqual([name]);
  expect(world.serving(name), at).toBe(versions);
  expect(receiving(world, name).length, at).toBe(3);
  expect(groups[0], at).toMatchObject({ min: 1, max: 6, desired: 3, suspendedProcesses: [] });
  expect(groups[0]!.tags, at).not.toHaveProperty('bake:suspended');
  expect(groups[0]!.tags, at).not.toHaveProperty('bake:expires');
  expect(groups[0]!.tags['bake:verified-release'], at).toBe(versions[0]);
  expect(await readLock(world.cloud, project), at).toBeUndefined();
}

describe('a blue-green rollout that is killed before any change it makes', () => {
  it('is gone on with, and ends as if nothing had been', async () => {
    for (let n = 1; ; n++) {
      await begin();
      const change = await killAt(n);
      if (change === undefined) break;
      const begun = (await readLock(world.cloud, project))?.phase !== undefined;
      await world.rollOut(project, { resume: begun });
      await expectSettled('workers-green', '222', `killed before ${n}: ${change}`);
      await world.close();
    }
  }, 300_000);

  it('is taken back by an abort, or by a rollback from any machine', async () => {
    await begin();
    for (let n = 1; ; n++) {
      const change = await killAt(n);
      if (change === undefined) break;
      const at = `killed before ${n}: ${change}`;
      const begun = (await readLock(world.cloud, project))?.phase !== undefined;
      const abort = n % 2 === 0;
      // Before anything was begun there is nothing to take back: the next one begins anew.
      if (!begun) await world.rollOut(project, { release: '1' });
      else if (abort) await abortRollout(world.run(), world.cloud, project);
      else await rollBackFleet(world.run(), world.cloud, project, {});
      if (await world.cloud.groups.find('workers')) await expectSettled('workers', '111', at);
      else {
        // Its old colour was gone: an abort has nothing to take back any more, a rollback replaces instances.
        await expectSettled('workers-green', abort ? '222' : '111', at);
        await world.close();
        await begin();
      }
    }
  }, 300_000);
});
