import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { lockFleet, readLock } from '../../src/rollout/lock.ts';
import { type RollbackOptions, rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project();
  await world.addRelease(project, '1');
  await world.apply(project);
});
afterEach(() => world.close());

const bring = async (release: string, from = project) => {
  await world.addRelease(from, release);
  return world.rollOut(from, { release });
};

const rollback = (options: RollbackOptions = {}, cloud: Cloud = world.cloud) =>
  rollBackFleet(world.run(), cloud, project, options);

/** A rollout of a release whose process dies when some of the fleet runs it. */
async function dieHalfWay(release: string, from = project): Promise<void> {
  await world.addRelease(from, release);
  const version = (await world.cloud.templates.findByName('workers'))!.latestVersion + 1;
  const { killed } = await world.crash(from, () => world.fleet.includes(String(version)), { release });
  expect(killed).toBe(true);
}

const newest = async () => (await world.cloud.refreshes.list('workers'))[0]!;
const front = async (name = 'workers') => (await world.cloud.groups.find(name))!;
const isFree = async () => (await readLock(world.cloud, project)) === undefined;

describe('bake rollback', () => {
  it('of a verified release goes back to the one that was verified before it', async () => {
    await world.rollOut(project);
    await bring('2');
    await bring('3');
    expect((await front()).tags['bake:verified-before']).toBe('2 1');
    const result = await rollback();
    expect(result).toMatchObject({
      release: '2',
      version: 2,
      previousVersion: 3,
      ways: ['refresh'],
      instances: 3,
    });
    expect(world.fleet).toBe('222');
    const group = await front();
    expect(group.template.version).toBe(2);
    expect(group.tags).toMatchObject({
      'bake:release': '2',
      'bake:verified-version': '2',
      'bake:verified-before': '1',
    });
    expect(await isFree()).toBe(true);
    expect(world.said('note')).toMatch(
      /workers goes back from release 3 \(version 3\) to release 2 \(version 2\), git abc1234, verified: 3 instances to replace/,
    );
    expect(await rollback({ to: '1' })).toMatchObject({ release: '1' });
    expect((await front()).tags).toMatchObject({ 'bake:verified-version': '1', 'bake:verified-before': '' });
  });

  it('said twice, or after a rollout that went back by itself, does not go further back', async () => {
    await world.rollOut(project);
    await bring('2');
    await rollback();
    expect(await rollback()).toMatchObject({ release: '1', ways: [] });
    await bring('3');
    world.workers.behaviours.set('4', 'logs errors');
    await failure(bring('4'));
    expect(await rollback()).toMatchObject({ release: '3', ways: [] });
    expect(world.said('note')).toContain(
      'the last rollout has left nothing to take back, and nothing is replaced',
    );
    await failure(world.rollOut(project, { release: 'unknown' }));
    expect(await rollback()).toMatchObject({ release: '3', ways: [] });
    expect(world.fleet).toBe('333');
  });

  it('takes back what came last, whoever has only tidied up or changed the fleet since', async () => {
    await world.rollOut(project);
    await bring('2');
    for (const command of ['fleet apply', 'gc', 'fleet apply'])
      await (await lockFleet(world.run(), world.cloud, project, { command })).release();
    expect(await rollback()).toMatchObject({ release: '1', ways: ['refresh'] });
    const dead = await lockFleet(world.run(), world.cloud, project, { command: 'fleet apply' });
    await dead.leave();
    expect(await rollback()).toMatchObject({ release: '1', ways: [] });
  });

  it('of a fleet where nothing was verified before says so, with what to type', async () => {
    await world.rollOut(project);
    const error = await failure(rollback());
    expect(error.message).toContain('no release was verified on workers before the one that it runs');
    expect(error.hint).toContain('bake rollback --to RELEASE');
    expect(error.exitCode).toBe(2);
    expect(await isFree()).toBe(true);
  });

  it('to a release that is named goes there, and remembers as verified only what was', async () => {
    await world.rollOut(project);
    world.workers.behaviours.set('2', 'logs errors');
    await failure(bring('2'));
    expect(await rollback({ to: '2' })).toMatchObject({ release: '2', version: 2 });
    expect((await front()).tags).toMatchObject({ 'bake:release': '2', 'bake:verified-release': '1' });
  });

  it('of a fleet that is there replaces nothing, and says so', async () => {
    await world.rollOut(project);
    expect(await rollback({ to: '1' })).toMatchObject({ ways: [], version: 1 });
    expect(world.said('note')).toContain('it is there, and nothing is replaced');
    expect(await world.cloud.refreshes.list('workers')).toEqual([]);
  });

  it('asks with the plan before it does anything, and a no changes nothing', async () => {
    await world.rollOut(project);
    await bring('2');
    const plans: string[] = [];
    const no = async (plan: string) => {
      plans.push(plan);
      throw new Error('no');
    };
    expect((await failure(rollback({ confirm: no }))).message).toBe('no');
    expect(plans).toEqual([expect.stringContaining('goes back from release 2 (version 2) to release 1')]);
    expect(world.fleet).toBe('222');
    expect(await isFree()).toBe(true);
  });

  it('is refused before it asks when somebody works on the fleet, by name', async () => {
    await world.rollOut(project);
    await bring('2');
    const lock = await lockFleet(world.run(), world.cloud, project, { command: 'rollout' });
    const error = await failure(rollback({ confirm: () => Promise.reject(new Error('asked')) }));
    expect(error.message).toMatch(/^fleet workers is locked by \S+@\S+: `bake rollout`/);
    await lock.release();
  });

  it('is refused, with what to type, when somebody has suspended what replaces instances', async () => {
    await world.rollOut(project);
    await bring('2');
    await world.root.groups.suspend('workers', ['Launch']);
    const error = await failure(rollback());
    expect(error.message).toBe('Launch is suspended on scaling group workers: nothing would be replaced');
    expect(error.hint).toContain(
      'resume-processes --auto-scaling-group-name workers --scaling-processes Launch',
    );
  });
});

describe('bake rollback in the middle of a rollout whose process is gone', () => {
  it('rolls the refresh back that is under way, whatever was held and suspended', async () => {
    await world.rollOut(project);
    await dieHalfWay('2');
    const { id } = await newest();
    const result = await rollback({ forceUnlock: true });
    expect(result).toMatchObject({ release: '1', ways: ['turn'] });
    expect(await newest()).toMatchObject({ id, state: 'rollback-successful' });
    expect(world.fleet).toBe('111');
    expect((await front()).suspendedProcesses).toEqual([]);
    expect(await isFree()).toBe(true);
  });

  it('needs no force once its lock has expired', async () => {
    await world.rollOut(project);
    await dieHalfWay('2');
    expect((await failure(rollback())).message).toContain('is locked by');
    await world.clock.sleep(7 * 60_000);
    expect(await rollback()).toMatchObject({ release: '1' });
    expect(world.fleet).toBe('111');
    expect(await isFree()).toBe(true);
  });

  it('stops a refresh that leads elsewhere, and goes to the release that is named', async () => {
    await world.rollOut(project);
    await bring('2');
    await dieHalfWay('3');
    const result = await rollback({ forceUnlock: true, to: '1' });
    expect(result).toMatchObject({ release: '1', ways: ['cancel', 'refresh'] });
    expect(world.fleet).toBe('111');
    expect((await front()).template.version).toBe(1);
  });

  it('makes one of a fleet that a cancelled refresh has left mixed', async () => {
    await world.rollOut(project);
    await dieHalfWay('2');
    await world.root.refreshes.cancel('workers');
    while ((await newest()).state !== 'cancelled') await world.clock.sleep(1_000);
    expect(world.fleet).toMatch(/^1+2+$/);
    const result = await rollback({ forceUnlock: true });
    expect(result).toMatchObject({ release: '1', ways: ['refresh'] });
    expect(world.fleet).toBe('111');
  });

  it('goes to what ran before where nothing was ever verified', async () => {
    await dieHalfWay('2');
    expect(await rollback({ forceUnlock: true })).toMatchObject({ version: 1 });
    expect(world.fleet).toBe('111');
  });

  it('follows the way back that the cloud has begun by itself', async () => {
    await world.rollOut(project);
    await dieHalfWay('2');
    await world.root.groups.resume('workers', ['InstanceRefresh']);
    await world.root.refreshes.rollback('workers');
    const result = await rollback({ forceUnlock: true });
    expect(result.ways).toEqual(['follow']);
    expect(world.fleet).toBe('111');
  });
});

describe('a rollback that dies itself', () => {
  it('is gone on with to the same release, and not resumed as a rollout', async () => {
    await world.rollOut(project);
    await bring('2');
    await bring('3');
    const { killed } = await world.kill(
      () => world.fleet.includes('1'),
      (cloud) => rollback({ to: '1' }, cloud),
    );
    expect(killed).toBe(true);
    await world.clock.sleep(7 * 60_000);
    for (const resume of [true, false]) {
      const error = await failure(world.rollOut(project, { resume }));
      expect(error.message).toContain('`bake rollback`');
      expect(error.hint).toContain('`bake rollback` goes on with the way back');
    }
    expect(await rollback()).toMatchObject({ release: '1' });
    expect(world.fleet).toBe('111');
    expect(await isFree()).toBe(true);
  });
});
