import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { type CutoverMode, type CutoverResult, cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { blueGreenProject, receiving, startWorkers } from '../helpers/blue-green-world.ts';
import { failure } from '../helpers/failure.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';
import { silenced } from '../helpers/silenced.ts';

let world: RolloutWorld;
let project: Project;

/** Release 2 is in front on `workers-green`; release 1 on `workers` is kept for the way back. */
beforeEach(async () => {
  world = await startWorkers();
  project = blueGreenProject(world, { retire: 'later', hold: '1h' });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  await world.rollOut(project);
});
afterEach(() => world.close());

const cutOverNow = (mode: CutoverMode, signal?: AbortSignal): Promise<CutoverResult> =>
  cutOver(world.run(signal), world.cloud, project, { mode });

const tagsOf = async (group: string) => (await world.cloud.groups.find(group))!.tags;

describe('a cutover', () => {
  it('puts the other colour in front, tested, and keeps the one that was; again, and all is as it was', async () => {
    const before = await world.cloud.groups.find('workers-green');
    const result = await cutOverNow('planned');
    expect(result).toMatchObject({
      group: 'workers',
      release: '1',
      version: 1,
      instances: 3,
      ready: 3,
      previousGroup: 'workers-green',
      previousRelease: '2',
    });
    expect(receiving(world, 'workers').length).toBe(3);
    expect(receiving(world, 'workers-green')).toEqual([]);
    expect(await tagsOf('workers')).toMatchObject({ 'bake:colour': 'front', 'bake:verified-release': '1' });
    expect(await tagsOf('workers')).not.toHaveProperty('bake:expires');
    expect(await tagsOf('workers-green')).toMatchObject({ 'bake:colour': 'back' });
    expect((await world.cloud.groups.find('workers'))!.suspendedProcesses).toEqual([]);
    const kept = (await world.cloud.groups.find('workers-green'))!;
    expect(kept.suspendedProcesses.sort()).toEqual(['AlarmNotification', 'ScheduledActions']);
    expect(Date.parse(kept.tags['bake:expires']!)).toBeGreaterThan(world.clock.now());

    await cutOverNow('planned');
    const after = await world.cloud.groups.find('workers-green');
    expect(after).toMatchObject({
      min: before!.min,
      max: before!.max,
      desired: before!.desired,
      suspendedProcesses: [],
      tags: before!.tags,
    });
    expect(receiving(world, 'workers-green').length).toBe(3);
    expect(receiving(world, 'workers')).toEqual([]);
  });

  it('to a colour that is smaller lets it grow first', async () => {
    await world.root.groups.update('workers-green', { desired: 5 });
    await cutOverNow('planned');
    expect(world.serving('workers')).toBe('11111');
  });

  it('to a colour that does not pass its smoke tests leaves everything as it was', async () => {
    world.workers.behaviours.set('1', 'logs errors');
    const error = await failure(cutOverNow('planned'));
    expect(error.message).toMatch(/release 1 \(version 1\) was taken back: the smoke test before the switch/);
    expect(await tagsOf('workers-green')).toMatchObject({ 'bake:colour': 'front' });
    expect(receiving(world, 'workers')).toEqual([]);
    expect(receiving(world, 'workers-green').length).toBe(3);
    expect((await world.cloud.groups.find('workers-green'))!.suspendedProcesses).toEqual([]);
    expect(await world.cloud.groups.find('workers')).toMatchObject({ desired: 3, min: 1 });
  });

  it('in an emergency asks for nothing but one healthy instance, and the rest follows', async () => {
    await world.root.groups.update('workers', { min: 0, desired: 0 });
    while (world.idsIn('workers').length > 0) await world.clock.sleep(1_000);
    world.workers.behaviours.set('1', 'deaf');
    const { ready } = await cutOverNow('emergency');
    expect(ready).toBeGreaterThanOrEqual(1);
    expect(await tagsOf('workers')).toMatchObject({ 'bake:colour': 'front' });
    expect(receiving(world, 'workers-green')).toEqual([]);
    expect(await world.cloud.groups.find('workers')).toMatchObject({ desired: 3, min: 1 });
  });

  it('in an emergency without a healthy instance stops there, and is gone on with by force', async () => {
    await world.root.groups.update('workers', { min: 0, desired: 0 });
    while (world.idsIn('workers').length > 0) await world.clock.sleep(1_000);
    await world.root.groups.suspend('workers', ['HealthCheck']);
    const { template } = (await world.root.groups.find('workers'))!;
    const broken = await world.root.templates.createVersion({
      token: 'broken',
      templateId: template.id,
      source: 1,
      description: 'release 1',
      settings: { keyName: 'nobody' },
    });
    await world.root.groups.update('workers', { template: { id: template.id, version: broken } });
    const error = await failure(cutOverNow('emergency'));
    expect(error.message).toMatch(/the emergency cutover to workers stopped half way \(scaling\)/);
    expect(await tagsOf('workers-green')).toMatchObject({ 'bake:colour': 'front' });
    expect(receiving(world, 'workers-green').length).toBe(3);
    await cutOverNow('forced');
    expect(await tagsOf('workers')).toMatchObject({ 'bake:colour': 'front' });
  });

  it('that is interrupted before the switch leaves everything as it was', async () => {
    const interrupt = new AbortController();
    world.meanwhile = () => {
      if (world.said('step.started').includes('rollout.gate.before')) interrupt.abort();
    };
    world.events.length = 0;
    const error = await failure(cutOverNow('planned', interrupt.signal));
    expect(error.exitCode).toBe(130);
    expect(await tagsOf('workers-green')).toMatchObject({ 'bake:colour': 'front' });
    expect(receiving(world, 'workers-green').length).toBe(3);
  });

  it('is refused where there is no other colour, with what to type instead', async () => {
    await world.clock.sleep(3_600_000);
    await world.addRelease(project, '3');
    await world.rollOut(blueGreenProject(world, { hold: '0s' }));
    expect(await failure(cutOverNow('emergency'))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("is the fleet's only group"),
    });
  });

  it('that is killed before any change it makes is gone on with by the same command, in the direction in which it was begun', async () => {
    const reads = /\.(find|list|read|activities|search|reachable|results|versions|schedules|targets)/;
    const names = ['workers', 'workers-green'];
    for (let n = 1; ; n++) {
      const front = (await world.cloud.groups.findAll(names)).find(
        ({ tags }) => tags['bake:colour'] === 'front',
      )!.name;
      const to = names.find((name) => name !== front)!;
      let changes = 0;
      const killed = await new Promise<boolean>((resolve) => {
        const cloud = silenced(world.cloud, (call) => {
          const gone = changes >= n || (call !== undefined && !reads.test(call) && ++changes >= n);
          if (gone) resolve(true);
          return gone;
        });
        const end = () => resolve(false);
        cutOver(world.run(), cloud, project, { mode: 'emergency' }).then(end, end);
      });
      if (!killed) break;
      await world.clock.sleep(420_000);
      await cutOverNow('emergency');
      expect(receiving(world, to).length, `killed before ${n}`).toBe(3);
      expect(receiving(world, front), `killed before ${n}`).toEqual([]);
      expect(await tagsOf(to)).toMatchObject({ 'bake:colour': 'front' });
      expect(await tagsOf(front)).toMatchObject({ 'bake:colour': 'back' });
      expect(await world.cloud.groups.find(to)).toMatchObject({ min: 1, desired: 3, suspendedProcesses: [] });
      expect(await readLock(world.cloud, project)).toBeUndefined();
    }
  }, 120_000);
});
