import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud, Parameters } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { parameters as parameterTable } from '../../src/localcloud/engine/parameters/records.ts';
import { lockFleet, readLock } from '../../src/rollout/lock.ts';
import { lockName } from '../../src/rollout/lock-log.ts';
import type { FleetLock, RolloutRecord } from '../../src/rollout/record.ts';
import { BakeError } from '../../src/run/errors.ts';
import { failure } from '../helpers/failure.ts';
import { askOwnPath } from '../helpers/own-paths.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { silenced } from '../helpers/silenced.ts';

const MINUTE = 60_000;
const NAME = '/bake/testing/default/lock/workers';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project();
});
afterEach(() => world.close());

const lock = (takeOver?: 'resume' | 'force', cloud: Cloud = world.cloud) =>
  lockFleet(world.run(), cloud, project, { command: 'rollout', takeOver });

/** The cloud as a process sees it that can be killed: then it hears of nothing any more. */
function mortal(): { cloud: Cloud; kill(): void } {
  let dead = false;
  const kill = () => {
    dead = true;
  };
  return { cloud: silenced(world.cloud, () => dead), kill };
}

/** Locks the fleet, notes this, and dies. */
async function die(changes: Partial<RolloutRecord> = {}): Promise<void> {
  const { cloud, kill } = mortal();
  await (await lock(undefined, cloud)).note(changes);
  kill();
}

/** Each call begins when the scheduler says so; time stands still until then. */
function inOrderOf(scheduler: fc.Scheduler, { find, read, create, put }: Parameters): Parameters {
  const ordered =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      await scheduler.schedule(Promise.resolve());
      return call(...args);
    };
  return world.clock.watch({
    find: ordered(find),
    read: ordered(read),
    create: ordered(create),
    put: ordered(put),
  });
}

describe('a fleet that is locked', () => {
  it('refuses a second rollout with the name of who has it, what it does, since when, until when, and the way out', async () => {
    const first = await lock();
    await first.note({ release: '43', strategy: 'rolling' });
    await world.clock.sleep(12 * MINUTE);
    const error = await failure(lock());
    expect(error.message).toMatch(
      /^fleet workers is locked by \S+@\S+: `bake rollout` of release 43 \(rolling\) since 20\d\d-\d\d-\d\d \d\d:\d\d UTC \(12 m\S*.* ago\); the lock expires at .* UTC unless its process renews it$/,
    );
    expect(error.hint).toContain('--force-unlock');
    expect(error.exitCode).toBe(1);
    await first.release();
    await (await lock()).release();
  });

  it('is refused to whoever resumes, too, while its process is alive', async () => {
    const first = await lock();
    expect((await failure(lock('resume'))).message).toContain('is locked by');
    await first.release();
  });

  it('is had by one of two that begin at the same moment', async () => {
    const outcomes = await Promise.allSettled([lock(), lock()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [won, lost] = outcomes[0]!.status === 'fulfilled' ? outcomes : [...outcomes].reverse();
    expect((lost as PromiseRejectedResult).reason.message).toContain('is locked by');
    await (won as PromiseFulfilledResult<FleetLock>).value.release();
  });

  it('stays locked for hours, says what it noted, and is free at once when it is let go', async () => {
    const first = await lock();
    await first.note({ refresh: 'r-1', phase: 'replacing' });
    await world.clock.sleep(6 * 60 * MINUTE);
    expect(await readLock(world.cloud, project)).toMatchObject({ refresh: 'r-1', phase: 'replacing' });
    expect((await readLock(world.cloud, project))!.expires).toBeGreaterThan(world.clock.now());
    expect(first.lost.aborted).toBe(false);
    await first.release();
    await first.release();
    expect(await readLock(world.cloud, project)).toBeUndefined();
    await expect(first.note({ phase: 'late' })).rejects.toThrow('let go');
  });

  it('has room for the longest names, and for a part of a long reason', async () => {
    const group = 'g'.repeat(255);
    const first = await lock();
    const processes = ['AlarmNotification', 'ScheduledActions', 'AZRebalance', 'InstanceRefresh'];
    const sizes = { group, min: 10_000, max: 10_000, desired: 10_000 };
    await first.note({
      front: group,
      back: group,
      release: 'r'.repeat(100),
      suspended: [
        { group, processes },
        { group, processes },
      ],
      sizes: [sizes, sizes],
      reason: 'ü'.repeat(5_000),
    });
    expect((await readLock(world.cloud, project))!.reason).toBe('ü'.repeat(500));
    await first.release();
  });

  it('is made by who comes first, and another fleet, environment or project is another lock', () => {
    expect(lockName('shop', 'production', 'workers')).toBe('/bake/shop/production/lock/workers');
    expect(lockName('shop', 'production', 'Workers (blue) 1/2')).toBe(
      '/bake/shop/production/lock/Workers_20_28blue_29_201_2f2',
    );
  });
});

describe('a lock whose process is gone', () => {
  it('is another rollout’s after six minutes when nothing is half done, not before', async () => {
    await die({ release: '2', phase: 'preparing' });
    await world.clock.sleep(4 * MINUTE);
    expect((await failure(lock())).message).toContain('is locked by');
    await world.clock.sleep(2 * MINUTE + 1);
    const second = await lock();
    expect(second.record.release).toBeUndefined();
    expect(world.said('warning')).toContain('its process has not been heard of since');
    await second.release();
  });

  it('is refused to a new rollout when something is half done, and taken over by who goes on with it or undoes it', async () => {
    const suspended = [{ group: 'workers', processes: ['AlarmNotification'] }];
    await die({ strategy: 'rolling', release: '2', refresh: 'r-1', suspended });
    const began = world.clock.now();
    await world.clock.sleep(10 * MINUTE);
    const error = await failure(lock());
    expect(error.message).toMatch(
      /`bake rollout` of release 2 \(rolling\) on fleet workers is half done: \S+@/,
    );
    expect(error.hint).toMatch(/`bake rollout --resume`.*`bake rollback`/);
    const second = await lock('resume');
    expect(second.record).toMatchObject({ strategy: 'rolling', release: '2', refresh: 'r-1', suspended });
    expect(second.record.since).toBeLessThanOrEqual(began);
    await second.release();
  });

  it('is taken over at once on the same machine', async () => {
    const first = await lock();
    await first.note({ release: '2', pid: spawnSync('true').pid, refresh: 'r-1' });
    const second = await lock('resume');
    expect(second.record).toMatchObject({ release: '2', pid: process.pid });
    await second.release();
  });

  it('that was left on purpose can be gone on with at once', async () => {
    const first = await lock();
    await first.note({ strategy: 'rolling', refresh: 'r-1' });
    await first.leave();
    await first.release();
    expect((await failure(lock())).message).toContain('left it so');
    const second = await lock('resume');
    expect(second.record).toMatchObject({ refresh: 'r-1' });
    expect(second.record.left).toBeUndefined();
    await second.release();
  });
});

describe('a holder that lost its lock', () => {
  it('by force hears of it at its next word, and its letting go leaves the other’s alone', async () => {
    const first = await lock();
    await first.note({ suspended: [{ group: 'workers', processes: ['InstanceRefresh'] }] });
    const second = await lock('force');
    expect(second.record.suspended).toEqual([{ group: 'workers', processes: ['InstanceRefresh'] }]);
    await expect(first.note({ phase: 'on' })).rejects.toThrow(
      /was lost: \S+@\S+ has taken it for `bake rollout`/,
    );
    expect(first.lost.aborted).toBe(true);
    await first.release();
    expect((await readLock(world.cloud, project))!.run).toBe(second.record.run);
    await second.release();
  });

  it('hears of it by itself', async () => {
    const first = await lock();
    const second = await lock('force');
    await world.clock.sleep(2 * MINUTE);
    expect(first.lost.aborted).toBe(true);
    await second.release();
  });

  it('because somebody deleted the parameter hears of it, and the fleet can be locked', async () => {
    const first = await lock();
    parameterTable(world.local.engine).delete(NAME);
    await expect(first.note({ phase: 'on' })).rejects.toThrow('somebody removed it');
    await (await lock()).release();
  });

  it('because the cloud does not answer any more gives it up before others may have it', async () => {
    const { cloud, kill } = mortal();
    const first = await lock(undefined, cloud);
    kill();
    let lostAt = 0;
    first.lost.addEventListener('abort', () => {
      lostAt = world.clock.now();
    });
    await world.clock.sleep(10 * MINUTE);
    expect(lostAt - first.record.since).toBeLessThanOrEqual(5 * MINUTE);
    expect(String(first.lost.reason)).toContain('could not be renewed');
  });
});

it('a lock that has expired is had by one of any number of takers, however their calls interleave, and its holder is never disturbed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, takers) => {
      const { cloud, kill } = mortal();
      await (await lock('force', cloud)).note({ refresh: 'r-1' });
      kill();
      await world.clock.sleep(7 * MINUTE);
      const parameters = inOrderOf(scheduler, world.cloud.parameters);
      const racer = async () => {
        const mine = await lock('resume', { ...world.cloud, parameters });
        await mine.note({ phase: 'mine' });
        await mine.note({ phase: 'still mine' });
        return mine;
      };
      const race = Promise.allSettled(Array.from({ length: takers }, racer));
      await scheduler.waitFor(race);
      const outcomes = await race;
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual(
        Array.from({ length: takers - 1 }, () => expect.stringContaining('is locked by')),
      );
      expect(won).toHaveLength(1);
      expect(await readLock(world.cloud, project)).toMatchObject({
        run: won[0]!.record.run,
        refresh: 'r-1',
        phase: 'still mine',
      });
      await scheduler.waitFor(won[0]!.release());
    }),
    { numRuns: 60 },
  );
});

it('of two rollouts that begin at the same moment one brings its release, and the other is refused with the owner’s name', async () => {
  await world.addRelease(project, '1');
  await world.apply(project);
  for (const release of ['2', '3']) await world.addRelease(project, release);
  const outcomes = await Promise.allSettled(['2', '3'].map((release) => world.rollOut(project, { release })));
  const refused = outcomes.findIndex(({ status }) => status === 'rejected');
  expect((outcomes[refused] as PromiseRejectedResult).reason.message).toMatch(
    /^fleet workers is locked by \S+@\S+: `bake rollout`/,
  );
  expect(outcomes[1 - refused]!.status).toBe('fulfilled');
  const group = (await world.cloud.groups.find('workers'))!;
  expect(group.tags['bake:verified-release']).toBe(['2', '3'][1 - refused]);
  expect((await world.cloud.templates.findByName('workers'))!.latestVersion).toBe(2);
});

it('a lock whose writings are carried out and not answered is had once, kept, and let go', async () => {
  const requests = [{ service: 'ssm', operation: 'PutParameter', effect: 'lost-answer', every: 2 }];
  await askOwnPath(world.local, 'faults', { body: { requests } });
  const first = await lock();
  await first.note({ refresh: 'r-1' });
  await first.note({ phase: 'replacing' });
  expect(await readLock(world.cloud, project)).toMatchObject({ refresh: 'r-1', phase: 'replacing' });
  expect(first.lost.aborted).toBe(false);
  expect((await failure(lock())).message).toContain('is locked by');
  await first.release();
  expect(await readLock(world.cloud, project)).toBeUndefined();
});

it('a session that may not use the lock’s parameter is told so, with the policy that grants it', async () => {
  const grant = { sid: 'LockFleets', action: 'ssm:PutParameter' };
  const limited = await RolloutWorld.start({ policy: without(shippedPolicy('deployer'), grant) });
  try {
    const error = await failure(lockFleet(limited.run(), limited.cloud, project, { command: 'rollout' }));
    expect(error).toBeInstanceOf(BakeError);
    expect(error.message).toMatch(
      /^fleet workers cannot be locked against a second rollout \(parameter \/bake\/.*\): .* is not allowed ssm:PutParameter/,
    );
    expect(error.hint).toContain('deployer.json');
  } finally {
    await limited.close();
  }
});
