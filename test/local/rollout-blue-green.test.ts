import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { blueGreenProject, receiving, startWorkers } from '../helpers/blue-green-world.ts';
import { failure } from '../helpers/failure.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

const blueGreen = (settings: object = {}, rollout: object = {}, fleet: object = {}) =>
  blueGreenProject(world, settings, { rollout, fleet });

beforeEach(async () => {
  world = await startWorkers();
  project = blueGreen();
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

describe('a blue-green rollout of queue workers', () => {
  it('ends with the release in front on a copy of the group, the old one gone, and scaling as before', async () => {
    const before = (await world.cloud.groups.find('workers'))!;
    const result = await world.rollOut(project);
    expect(result).toMatchObject({
      group: 'workers-green',
      release: '2',
      version: 2,
      previousVersion: 1,
      instances: 3,
      replaced: 3,
    });
    expect(world.serving('workers-green')).toBe('222');
    expect(await world.cloud.groups.find('workers')).toBeUndefined();
    const after = (await world.cloud.groups.find('workers-green'))!;
    expect(after).toMatchObject({ min: before.min, max: before.max, desired: 3, suspendedProcesses: [] });
    expect(after.tags).toMatchObject({
      'bake:colour': 'front',
      'bake:release': '2',
      'bake:verified-release': '2',
      'bake:verified-version': '2',
    });
    expect(after.tags).not.toHaveProperty('bake:suspended');
    expect(after.tags).not.toHaveProperty('bake:expires');
    expect(world.said('step.finished')).toMatch(
      /rollout\.gate\.before.*was processed by i-[0-9a-f]+ \(release 2/,
    );
  });

  it('never has fewer workers at the queue than before', async () => {
    let least = 3;
    world.meanwhile = () => {
      const there = [...receiving(world, 'workers'), ...receiving(world, 'workers-green')];
      least = Math.min(least, there.length);
    };
    await world.rollOut(project);
    expect(least).toBe(3);
  });

  it('that does not wait ends with the old colour kept, drained and frozen until its time is over', async () => {
    const later = blueGreen({ retire: 'later', hold: '1h' });
    await world.rollOut(later);
    const kept = (await world.cloud.groups.find('workers'))!;
    expect(kept).toMatchObject({ desired: 3, min: 1 });
    expect(kept.suspendedProcesses.sort()).toEqual(['AlarmNotification', 'ScheduledActions']);
    expect(kept.tags).toMatchObject({
      'bake:colour': 'back',
      'bake:suspended': 'AlarmNotification ScheduledActions',
    });
    expect(Date.parse(kept.tags['bake:expires']!)).toBeGreaterThan(world.clock.now());
    expect(receiving(world, 'workers')).toEqual([]);
    expect(receiving(world, 'workers-green').length).toBe(3);

    await world.addRelease(later, '3');
    const refused = await failure(world.rollOut(later));
    expect(refused.message).toMatch(/workers of the last rollout is kept for another 5\d m/);
    await world.clock.sleep(3_600_000);
    await world.rollOut(later);
    expect(world.serving('workers')).toBe('333');
    expect(world.serving('workers-green')).toBe('222');
  });

  it('retires an old colour that is still kept when it is told to', async () => {
    const later = blueGreen({ retire: 'later', hold: '1h', duringHold: 'retire' });
    await world.rollOut(later);
    await world.addRelease(later, '3');
    await world.rollOut(later);
    expect(world.serving('workers')).toBe('333');
  });

  it('follows a fleet that grows while the new colour is tested', async () => {
    let grown = false;
    world.meanwhile = async () => {
      if (grown || world.serving('workers-green').length < 3) return;
      grown = true;
      await world.root.groups.update('workers', { desired: 5 });
    };
    const result = await world.rollOut(project);
    expect(result.instances).toBe(5);
    expect(world.serving('workers-green')).toBe('22222');
    expect((await world.cloud.groups.find('workers-green'))!.desired).toBe(5);
  });

  it('three times in a row, and before and after a rolling one, ends on the newest release every time', async () => {
    const quick = blueGreen({ hold: '0s' });
    await world.rollOut(quick);
    await world.addRelease(quick, '3');
    expect(await world.rollOut(quick)).toMatchObject({ group: 'workers', version: 3, previousVersion: 2 });
    await world.addRelease(quick, '4');
    expect(await world.rollOut(quick)).toMatchObject({ group: 'workers-green', version: 4 });
    await world.addRelease(quick, '5');
    const rolled = await world.rollOut(quick, { strategy: 'rolling' });
    expect(rolled).toMatchObject({ group: 'workers-green', version: 5 });
    expect(world.serving('workers-green')).toBe('555');
    expect((await world.apply(quick)).changes).toEqual([]);
    await world.addRelease(quick, '6');
    expect(await world.rollOut(quick)).toMatchObject({ group: 'workers', version: 6, previousVersion: 5 });
    expect((await world.cloud.groups.findAll(['workers', 'workers-green'])).length).toBe(1);
    expect((await world.cloud.groups.find('workers'))!.suspendedProcesses).toEqual([]);
  });

  it('of what runs already changes nothing', async () => {
    const quick = blueGreen({ hold: '0s' });
    await world.rollOut(quick);
    expect(await world.rollOut(quick)).toMatchObject({ group: 'workers-green', replaced: 0, version: 2 });
    expect(world.serving('workers-green')).toBe('222');
    expect(await world.cloud.groups.find('workers')).toBeUndefined();
  });

  it('without a drain command empties the old colour, which keeps only its group', async () => {
    const plain = blueGreen({
      drainCommand: undefined,
      resumeCommand: undefined,
      retire: 'later',
      hold: '1h',
    });
    await world.rollOut(plain);
    expect(world.serving('workers')).toBe('');
    expect(await world.cloud.groups.find('workers')).toMatchObject({ desired: 0, min: 0 });
    expect(await world.cloud.groups.find('workers-green')).toMatchObject({ desired: 3, min: 1 });
  });
});

describe('a blue-green rollout that fails', () => {
  /** The fleet as it was: the old colour alone, scaling by itself, with nothing noted. */
  async function expectAsBefore(): Promise<void> {
    expect(world.serving('workers')).toBe('111');
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
    const group = (await world.cloud.groups.find('workers'))!;
    expect(group).toMatchObject({ min: 1, max: 6, desired: 3, suspendedProcesses: [] });
    expect(group.tags).not.toHaveProperty('bake:suspended');
    expect(group.tags).not.toHaveProperty('bake:expires');
    expect(receiving(world, 'workers').length).toBe(3);
    expect((await world.rollOut(project, { release: '1' })).replaced).toBe(0);
  }

  it('before the switch takes the new colour away while the old one serves, and loses no message', async () => {
    world.workers.behaviours.set('2', 'eats');
    const error = await failure(world.rollOut(project));
    expect(error.exitCode).toBe(1);
    expect(error.message).toMatch(
      /release 2 \(version 2\) was taken back: the smoke test before the switch: .*workers serves with release 1 \(version 1\) on all 3 instances/,
    );
    expect(error.details.join('\n')).toMatch(/not lost: processed .*by i-[0-9a-f]+ \(release 1/);
    expect((await world.cloud.queues.find('jobs-dead'))!.visible).toBe(0);
    expect(world.said('fact')).toMatch(/"bringing","value":\{"strategy":"blue-green","release":"2"/);
    expect(world.said('fact')).toContain('"name":"rolled-back"');
    await expectAsBefore();
  });

  it('after the switch gives the work back to the old colour first', async () => {
    let turned = false;
    world.meanwhile = async () => {
      if (turned || (await world.root.groups.find('workers-green'))?.tags['bake:colour'] !== 'front') return;
      turned = true;
      world.workers.behaviours.set('2', 'logs errors');
    };
    const error = await failure(world.rollOut(project));
    expect(turned).toBe(true);
    expect(error.message).toMatch(/the smoke test after the switch: instances of release 2 logged/);
    await expectAsBefore();
  });

  it('after the switch, when the old colour was emptied, fills it again first', async () => {
    const plain = blueGreen({ drainCommand: undefined, resumeCommand: undefined });
    world.meanwhile = () => {
      if (world.serving('workers') === '') world.workers.behaviours.set('2', 'logs errors');
    };
    const error = await failure(world.rollOut(plain));
    expect(error.message).toContain('the smoke test after the switch');
    await expectAsBefore();
  });

  it('because it is interrupted, before or after the switch, goes back and ends with 130', async () => {
    for (const colour of ['back', 'front']) {
      const interrupt = new AbortController();
      world.meanwhile = async () => {
        const green = await world.root.groups.find('workers-green');
        if (green?.tags['bake:colour'] === colour && green.instances.length > 0) interrupt.abort();
      };
      const error = await failure(world.rollOut(project, {}, interrupt.signal));
      expect(error.exitCode).toBe(130);
      expect(error.message).toContain('workers serves with release 1');
      world.meanwhile = () => {};
      await expectAsBefore();
    }
  });

  it('because no instance can be launched says so at once, in the words of the cloud', async () => {
    const keyless = blueGreen({}, {}, { keyName: 'nobody' });
    const before = world.clock.now();
    const error = await failure(world.rollOut(keyless));
    expect(error.message).toMatch(
      /workers-green cannot launch an instance: .*key pair 'nobody' does not exist/,
    );
    expect(world.clock.now() - before).toBeLessThan(120_000);
    await expectAsBefore();
  });

  it('because somebody changed the old colour meanwhile leaves their change alone', async () => {
    world.meanwhile = async () => {
      if (world.serving('workers-green').length < 3) return;
      await world.root.groups.update('workers', { healthCheckGrace: 77_000 });
    };
    const error = await failure(world.rollOut(project));
    expect(error.message).toContain('somebody changed scaling group workers meanwhile: healthCheckGrace');
    expect((await world.cloud.groups.find('workers'))!.healthCheckGrace).toBe(77_000);
    await expectAsBefore();
  });

  it('because the old colour is not healthy begins nothing', async () => {
    const [id] = world.idsIn('workers');
    await world.root.groups.terminateInstance(id!, { decrementDesired: false });
    const error = await failure(world.rollOut(project));
    expect(error.message).toMatch(/2 of 3 instances of workers are healthy/);
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
  });
});
