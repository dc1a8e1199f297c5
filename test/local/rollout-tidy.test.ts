import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { lockFleet, readLock } from '../../src/rollout/lock.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { tidyFleet } from '../../src/rollout/tidy.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

const EXPIRY = 7 * 60_000;

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project();
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.rollOut(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const tidy = async (options: { dryRun?: boolean } = {}) => {
  const { removed, failures } = await tidyFleet(world.run(), world.cloud, project, options);
  expect(failures).toEqual([]);
  return removed.map(({ kind, id, name }) => `${kind} ${id}${name === id ? '' : ` of ${name}`}`);
};

const suspended = async () => (await world.cloud.groups.find('workers'))!.suspendedProcesses;

describe('bake gc, of a rollout that has died', () => {
  it('before it began anything removes the lock, not before it has expired', async () => {
    const call = 'refreshes.start';
    await world.crash(project, (name) => name === call);
    expect(await tidy()).toEqual([]);
    expect(await readLock(world.cloud, project)).toBeDefined();
    await world.clock.sleep(EXPIRY);
    expect(await tidy({ dryRun: true })).toEqual(['lock workers']);
    expect(await readLock(world.cloud, project)).toBeDefined();
    expect(await tidy()).toEqual(['lock workers']);
    expect(await readLock(world.cloud, project)).toBeUndefined();
    expect(await tidy()).toEqual([]);
  });

  it('while it held the refresh leaves it held, says how to go on, and the way back works', async () => {
    await world.crash(project, (name) => name === 'queues.send');
    expect(await suspended()).toEqual(['InstanceRefresh']);
    await world.clock.sleep(EXPIRY);
    expect(await tidy()).toEqual([]);
    expect(await suspended()).toEqual(['InstanceRefresh']);
    expect(world.said('warning')).toMatch(
      /`bake rollout` of release 2 \(rolling\) by \S+ is half done, and its process has not been heard of since: `bake rollout --resume` goes on with it, `bake rollback` undoes it/,
    );
    await rollBackFleet(world.run(), world.cloud, project, {});
    expect(world.fleet).toBe('111');
    expect(await suspended()).toEqual([]);
    expect(await tidy()).toEqual([]);
  });

  it('by colours lets the group that serves scale again, and leaves the rest to whoever goes on', async () => {
    const colours = world.project({ rollout: { strategy: 'blue-green' } });
    await world.crash(colours, (name) => name === 'queues.send');
    expect((await suspended()).sort()).toEqual(['AlarmNotification', 'ScheduledActions']);
    const before = (await readLock(world.cloud, project))!;
    await world.clock.sleep(EXPIRY);
    expect(await tidy()).toEqual(['suspension AlarmNotification, ScheduledActions of workers']);
    expect(await suspended()).toEqual([]);
    const group = await world.cloud.groups.find('workers');
    expect(group!.tags).not.toHaveProperty('bake:suspended');
    const after = (await readLock(world.cloud, project))!;
    expect(after).toMatchObject({ owner: before.owner, command: 'rollout', back: 'workers-green' });
    expect(after.suspended).toEqual([expect.objectContaining({ group: 'workers-green' })]);
    expect(await tidy()).toEqual([]);
    await rollBackFleet(world.run(), world.cloud, project, {});
    expect(world.fleet).toBe('111');
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
    expect(await readLock(world.cloud, project)).toBeUndefined();
  });

  it('that is alive touches nothing', async () => {
    const lock = await lockFleet(world.run(), world.cloud, project, { command: 'rollout' });
    await lock.note({ suspended: [{ group: 'workers', processes: ['AlarmNotification'] }] });
    await world.cloud.groups.suspend('workers', ['AlarmNotification']);
    await world.clock.sleep(EXPIRY);
    expect(await tidy()).toEqual([]);
    expect(await suspended()).toEqual(['AlarmNotification']);
    await lock.release();
  });
});
