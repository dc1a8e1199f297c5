import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groups } from '../../src/localcloud/engine/autoscaling/groups.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { putAlarm } from '../helpers/alarms.ts';
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

/** What it is refused with, before anything was made. */
async function refused(rollout: object = {}) {
  const error = await failure(world.rollOut(project(rollout)));
  expect((await world.root.templates.findByName('workers'))?.latestVersion).toBe(1);
  expect(await world.root.refreshes.list('workers')).toEqual([]);
  expect(await readLock(world.root, project())).toBeUndefined();
  return error;
}

describe('a rollout is refused before anything is made', () => {
  it('while an alarm that watches it is not OK, or does not exist', async () => {
    await putAlarm(world.local, 'calm');
    await putAlarm(world.local, 'ringing', 'ALARM');
    const { message } = await refused({ alarms: ['calm', 'ringing', 'missing'] });
    expect(message).toContain('ringing is in alarm, missing does not exist');
    await putAlarm(world.local, 'ringing');
    await world.rollOut(project({ alarms: ['calm', 'ringing'] }));
    expect(world.fleet).toBe('222');
  });

  it('while somebody has suspended what replaces instances', async () => {
    await world.root.groups.suspend('workers', ['Launch']);
    const { message } = await refused();
    expect(message).toBe('Launch is suspended on scaling group workers: nothing would be replaced');
  });

  it('where the group launches an image that a parameter names: there would be no way back', async () => {
    const { template } = (await world.root.groups.find('workers'))!;
    const imageId = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    const version = await world.root.templates.createVersion({
      token: 'parameter',
      templateId: template.id,
      source: 1,
      description: 'by parameter',
      settings: { imageId },
    });
    groups(world.local.engine).patch('workers', {
      template: { ...template, version: String(version) } as never,
    });
    const error = await failure(world.rollOut(project()));
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('names its image by a parameter'),
    });
    expect(await world.root.refreshes.list('workers')).toEqual([]);
  });
});

it('a rollout says how many instances there will be where that is more than the group may have', async () => {
  await world.root.groups.update('workers', { max: 3 });
  await world.rollOut(project());
  expect(world.said('note')).toMatch(
    /3 instances to replace, 1 at a time, launching before terminating \(up to 4 at a time, more than the group's 3\): about/,
  );
  expect(world.fleet).toBe('222');
});

describe('a suspension that a dead rollout has left', () => {
  it('is resumed by who takes over, and no other', async () => {
    const tested = world.project({ rollout: { checkpoints: [33, 100], checkpointDelay: '20s' } });
    const { killed } = await world.crash(tested, (call) => call === 'queues.send');
    expect(killed).toBe(true);
    await world.root.groups.suspend('workers', ['AZRebalance']);
    expect((await world.root.groups.find('workers'))?.suspendedProcesses.sort()).toEqual([
      'AZRebalance',
      'InstanceRefresh',
    ]);
    await world.clock.sleep(7 * 60_000);
    const error = await failure(world.rollOut(tested));
    expect(error.hint).toContain('bake rollout --resume');
    await world.rollOut(tested, { resume: true });
    expect(world.fleet).toBe('222');
    expect((await world.root.groups.find('workers'))?.suspendedProcesses).toEqual(['AZRebalance']);
  });

  it('whose refresh has ended meanwhile does not keep the next rollout from beginning', async () => {
    const tested = world.project({ rollout: { checkpoints: [33, 100], checkpointDelay: '20s' } });
    await world.crash(tested, (call) => call === 'queues.send');
    await world.root.refreshes.cancel('workers');
    while ((await world.root.refreshes.list('workers'))[0]?.endedAt === undefined)
      await world.clock.sleep(1_000);
    await world.rollOut(project(), { forceUnlock: true });
    expect(world.said('note')).toContain('resumed InstanceRefresh on workers');
    expect(world.fleet).toBe('222');
  });
});
