import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { type RollbackOptions, rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { blueGreenProject, receiving, startWorkers } from '../helpers/blue-green-world.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await startWorkers();
  project = blueGreenProject(world, { retire: 'later', hold: '1h' });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.rollOut(project, { strategy: 'rolling' });
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const rollback = (options: RollbackOptions = {}) => rollBackFleet(world.run(), world.cloud, project, options);

const group = (name: string) => world.cloud.groups.find(name);
const isFree = async () => (await readLock(world.cloud, project)) === undefined;

describe('bake rollback of a blue-green rollout', () => {
  it('puts the old colour in front that is kept, and replaces nothing', async () => {
    await world.rollOut(project);
    const instances = world.idsIn('workers').sort();
    const result = await rollback();
    expect(result).toMatchObject({
      group: 'workers',
      release: '1',
      version: 1,
      previousVersion: 2,
      ways: ['cutover'],
    });
    expect(world.idsIn('workers').sort()).toEqual(instances);
    expect(receiving(world, 'workers').length).toBe(3);
    expect(receiving(world, 'workers-green')).toEqual([]);
    const front = (await group('workers'))!;
    expect(front.suspendedProcesses).toEqual([]);
    expect(front.tags).toMatchObject({
      'bake:colour': 'front',
      'bake:release': '1',
      'bake:verified-version': '1',
    });
    expect((await group('workers-green'))!.tags['bake:colour']).toBe('back');
    expect(world.said('note')).toContain('workers takes over; workers-green is kept');
    expect(await isFree()).toBe(true);
    expect(await rollback()).toMatchObject({ release: '1', ways: [] });
  });

  it('brings the old colour to its size first, when it is empty', async () => {
    await world.rollOut(project);
    await world.root.groups.update('workers', { min: 0, desired: 0 });
    while ((await group('workers'))!.instances.length > 0) await world.clock.sleep(1_000);
    const result = await rollback();
    expect(result).toMatchObject({ group: 'workers', ways: ['cutover'], instances: 3 });
    expect(world.said('note')).toContain('workers is brought to the size of workers-green, then takes over');
    expect(receiving(world, 'workers').length).toBe(3);
  });

  it('refreshes the colour in front, when the old one is gone', async () => {
    project = blueGreenProject(world, { hold: '0s' });
    await world.rollOut(project);
    expect(await group('workers')).toBeUndefined();
    const result = await rollback();
    expect(result).toMatchObject({ group: 'workers-green', release: '1', ways: ['refresh'] });
    expect(world.serving('workers-green')).toBe('111');
    expect((await group('workers-green'))!.tags['bake:verified-version']).toBe('1');
  });

  it('that was cut short before traffic moved removes the new colour', async () => {
    await world.crash(project, (call) => call === 'queues.send');
    expect(world.serving('workers-green')).toBe('222');
    const result = await rollback({ forceUnlock: true });
    expect(result).toMatchObject({ group: 'workers', release: '1', ways: ['undo'] });
    expect(await group('workers-green')).toBeUndefined();
    expect(receiving(world, 'workers').length).toBe(3);
    expect((await group('workers'))!.suspendedProcesses).toEqual([]);
    expect(await isFree()).toBe(true);
  });

  it('that was cut short goes to the release that is named, after it was undone', async () => {
    await world.rollOut(project);
    await world.clock.sleep(3_600_000);
    await world.addRelease(project, '3');
    let sent = 0;
    await world.crash(project, (call) => call === 'queues.send' && sent++ === 1);
    const result = await rollback({ forceUnlock: true, to: '1' });
    expect(result).toMatchObject({ release: '1', ways: ['undo', 'refresh'] });
    expect(world.serving(result.group)).toBe('111');
  });
});

it('a rollback by colours that dies in the middle of the cutover is gone on with, not undone', async () => {
  await world.rollOut(project);
  const { killed } = await world.kill(
    (call) => call === 'groups.resume',
    (cloud) => rollBackFleet(world.run(), cloud, project, {}),
  );
  expect(killed).toBe(true);
  const result = await rollback({ forceUnlock: true });
  expect(result).toMatchObject({ group: 'workers', release: '1', ways: ['cutover'] });
  expect(receiving(world, 'workers').length).toBe(3);
  expect(receiving(world, 'workers-green')).toEqual([]);
  expect((await group('workers'))!.suspendedProcesses).toEqual([]);
  expect(await isFree()).toBe(true);
});
