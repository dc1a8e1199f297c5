import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { setHealth } from '../../src/localcloud/engine/autoscaling/health.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project();
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: Error & { exitCode: number; details: string[] }) => error,
  );

describe('a rolling rollout', () => {
  it('reaches every instance, proves at the checkpoint which new instance took the message, and is remembered by the cloud', async () => {
    const result = await world.rollOut(project);
    expect(result).toMatchObject({ release: '2', version: 2, previousVersion: 1, instances: 3, replaced: 3 });
    expect(world.fleet).toBe('222');
    expect(world.said('step.finished')).toMatch(
      /rollout\.gate\.33.*was processed by i-[0-9a-f]+ \(release 2\) after /,
    );
    expect(world.said('step.finished')).toContain('rollout.gate.last');
    const group = await world.cloud.groups.find('workers');
    expect(group?.template.version).toBe(2);
    expect(group?.tags).toMatchObject({
      'bake:release': '2',
      'bake:verified-release': '2',
      'bake:verified-version': '2',
    });
    const [instance] = await world.cloud.instances.find([group!.instances[0]!.id]);
    expect(instance?.tags['bake:release']).toBe('2');
  });

  it('leaves launch template default and group alone until the refresh has succeeded', async () => {
    const seen = new Set<number | string>();
    world.meanwhile = async () => {
      const group = await world.cloud.groups.find('workers');
      if (group && world.fleet.includes('2') && world.fleet.includes('1')) seen.add(group.template.version);
    };
    await world.rollOut(project);
    expect([...seen]).toEqual([1]);
    expect((await world.cloud.templates.findByName('workers'))?.defaultVersion).toBe(1);
  });

  it('of what runs already changes nothing, and makes no second version', async () => {
    await world.rollOut(project);
    const again = await world.rollOut(project);
    expect(again).toMatchObject({ version: 2, previousVersion: 2, replaced: 0 });
    const template = await world.cloud.templates.findByName('workers');
    expect(template?.latestVersion).toBe(2);
  });

  it('of a release that does not answer ends on the old version everywhere, and no message is lost', async () => {
    world.workers.behaviours.set('2', 'eats');
    const error = await failure(world.rollOut(project));
    expect(error.exitCode).toBe(1);
    expect(error.message).toMatch(
      /release 2 \(version 2\) was rolled back: the smoke test at 33 %: .*The fleet is back on release 1 \(version 1\) on all 3 instances/,
    );
    expect(world.fleet).toBe('111');
    expect(error.details.join('\n')).toMatch(/not lost: processed .*by i-[0-9a-f]+ \(release 1\)/);
    expect((await world.cloud.queues.find('jobs'))!.visible).toBe(0);
    expect((await world.cloud.queues.find('jobs-dead'))!.visible).toBe(0);
    const group = await world.cloud.groups.find('workers');
    expect(group?.template.version).toBe(1);
    expect(group?.tags['bake:verified-release']).toBeUndefined();
  });

  it('of a release that logs errors is rolled back with its lines named', async () => {
    world.workers.behaviours.set('2', 'logs errors');
    const error = await failure(world.rollOut(project));
    expect(error.message).toMatch(/instances of release 2 logged \d+ errors? in \/testing\/worker/);
    expect(error.details.join('\n')).toMatch(/i-[0-9a-f]+: ERROR cannot open the index for job/);
    expect(world.fleet).toBe('111');
  });

  it('whose last smoke test fails after the refresh has succeeded goes back by a refresh of its own', async () => {
    const late = world.project({ rollout: { checkpoints: [], checkpointDelay: '1m' } });
    world.workers.behaviours.set('2', 'deaf');
    const error = await failure(world.rollOut(late));
    expect(error.message).toContain('the last smoke test: none of');
    expect(world.fleet).toBe('111');
    const refreshes = await world.cloud.refreshes.list('workers');
    expect(refreshes.map(({ state }) => state)).toEqual(['successful', 'successful']);
    expect((await world.cloud.groups.find('workers'))?.template.version).toBe(1);
  });

  it('of a release whose instances never become healthy goes back in minutes, not after the hour of the cloud', async () => {
    const { engine } = world.local;
    world.meanwhile = () => {
      for (const { instanceId, state, template } of membersOf(engine, 'workers')) {
        if (state === 'InService' && template?.version === '2')
          setHealth(engine, instanceId, 'Unhealthy', false);
      }
      engine.settle();
    };
    const before = world.clock.now();
    const error = await failure(world.rollOut(project));
    expect(error.message).toMatch(/\d+ new instances in a row were taken out of service as unhealthy/);
    expect(world.clock.now() - before).toBeLessThan(300_000);
    expect(world.fleet).toBe('111');
  });

  it('that is interrupted goes back, and ends with 130', async () => {
    const interrupt = new AbortController();
    world.meanwhile = () => {
      if (world.fleet.includes('2')) interrupt.abort();
    };
    const error = await failure(world.rollOut(project, {}, interrupt.signal));
    expect(error.exitCode).toBe(130);
    expect(error.message).toContain('back on release 1');
    expect(world.fleet).toBe('111');
    const [refresh] = await world.cloud.refreshes.list('workers');
    expect(refresh?.state).toBe('rollback-successful');
  });

  it('that is interrupted before anything was replaced makes nothing but a version', async () => {
    const interrupt = new AbortController();
    interrupt.abort();
    const error = await failure(world.rollOut(project, {}, interrupt.signal));
    expect(error.exitCode).toBe(130);
    expect(world.fleet).toBe('111');
    expect(await world.cloud.refreshes.list('workers')).toEqual([]);
  });

  it('takes a rollback by somebody else for a failure', async () => {
    let done = false;
    world.meanwhile = async () => {
      if (!world.fleet.includes('2') || done) return;
      done = true;
      await world.cloud.refreshes.rollback('workers');
    };
    const error = await failure(world.rollOut(project));
    expect(error.exitCode).toBe(1);
    expect(error.message).toContain('The fleet is back on release 1');
    expect(world.fleet).toBe('111');
  });

  it('soaks, and runs its last smoke test meanwhile', async () => {
    const soaking = world.project({ rollout: { soak: '10m', checkpoints: [] } });
    const states = new Set<string>();
    world.meanwhile = async () => {
      const [refresh] = await world.cloud.refreshes.list('workers');
      if (refresh) states.add(refresh.state);
    };
    const before = world.clock.now();
    await world.rollOut(soaking);
    expect([...states]).toContain('baking');
    expect(world.clock.now() - before).toBeGreaterThan(600_000);
    expect(world.fleet).toBe('222');
  });

  it('is refused while another one is in progress, without touching anything', async () => {
    const version = await world.cloud.templates.findByName('workers');
    const both = await Promise.allSettled([world.rollOut(project), waitThenRollOut()]);
    async function waitThenRollOut() {
      while ((await world.cloud.refreshes.list('workers')).length === 0) await world.clock.sleep(500);
      return world.rollOut(project);
    }
    expect(both[0].status).toBe('fulfilled');
    expect(both[1]).toMatchObject({ status: 'rejected' });
    expect(String((both[1] as PromiseRejectedResult).reason)).toContain('is locked by');
    expect((await world.cloud.templates.findByName('workers'))?.latestVersion).toBe(
      version!.latestVersion + 1,
    );
  });
});
