import { afterEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { setHealth } from '../../src/localcloud/engine/autoscaling/health.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import { rollOut } from '../../src/rollout/rollout.ts';
import { BakeError } from '../../src/run/errors.ts';
import { failure } from '../helpers/failure.ts';
import { askOwnPath } from '../helpers/own-paths.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

async function start(runtime?: Partial<Runtime>): Promise<void> {
  world = await RolloutWorld.start({ runtime: { ...noRuntime(), kind: 'sandbox', ...runtime } });
  const fleet = { instanceProfile: 'worker' };
  project = world.project({ fleet, rollout: { checkpoints: [] }, smoke: {} });
  await world.addRelease(project, '1');
  await world.apply(project);
}
afterEach(() => world.close());

/** Instances whose own account of themselves is this. */
const telling = (console: string, journal = ''): Partial<Runtime> => ({
  consoleOutput: async () => console,
  reachable: async () => journal !== '',
  run: async () => ({ exitCode: 0, stdout: journal, stderr: '', timedOut: false }),
});

/** A few seconds after each of them has come into service. */
function newOnesTurnUnhealthy(): void {
  const { engine } = world.local;
  const since = new Map<string, number>();
  world.meanwhile = () => {
    for (const { instanceId, state, template } of membersOf(engine, 'workers')) {
      if (state !== 'InService' || template?.version !== '2') continue;
      if (!since.has(instanceId)) since.set(instanceId, world.clock.now());
      if (world.clock.now() - since.get(instanceId)! > 9_000)
        setHealth(engine, instanceId, 'Unhealthy', false);
    }
    engine.settle();
  };
}

const USER_DATA = [
  'Cloud-init v. 22.2.2 running modules:final',
  'cat: /etc/worker/queue: No such file or directory',
  '2026-11-21 08:00:00,000 - util.py[WARNING]: Failed running /var/lib/cloud/instance/scripts/part-001 [1]',
].join('\n');

/** Rolls out what fails, and says how long it took to notice. */
async function failed(): Promise<{ message: string; minutes: number }> {
  const begun = world.clock.now();
  let noticed = 0;
  const rollout = failure(world.rollOut(project));
  while (!world.said('step.failed').includes('rollout.replace')) await world.clock.sleep(1_000);
  noticed = world.clock.now();
  const { message } = await rollout;
  expect(world.fleet).toBe('111');
  return { message, minutes: (noticed - begun) / 60_000 };
}

it('a rollout that cannot be seen for a minute is waited for, and goes on', async () => {
  await start();
  await world.addRelease(project, '2');
  let away: number | undefined;
  const find: Cloud['refreshes']['find'] = async (...query) => {
    if (world.fleet.includes('2')) away ??= world.clock.now();
    if (away !== undefined && world.clock.now() - away < 60_000)
      throw new BakeError('cannot reach autoscaling in eu-central-1 (ETIMEDOUT)');
    return world.cloud.refreshes.find(...query);
  };
  const refreshes = new Proxy(world.cloud.refreshes, {
    get: (target, name) => (name === 'find' ? find : Reflect.get(target, name)),
  });
  const cloud = new Proxy(world.cloud, {
    get: (target, name) => (name === 'refreshes' ? refreshes : Reflect.get(target, name)),
  });
  await rollOut(world.run(), cloud, project);
  expect(world.said('warning')).toContain(
    'the rollout cannot be seen, trying again: cannot reach autoscaling',
  );
  expect(world.fleet).toBe('222');
});

describe('a rollout that will not get on', () => {
  it('for user data that fails before the instances are in service ends in minutes, with its last words', async () => {
    await start(telling(USER_DATA));
    await world.root.lifecycleHooks.put('workers', {
      name: 'ready',
      on: 'launch',
      heartbeat: 3_600_000,
      otherwise: 'abandon',
    });
    await world.addRelease(project, '2');
    const { message, minutes } = await failed();
    expect(message).toMatch(
      /was rolled back: user data failed with exit code 1 on i-\w+: cat: \/etc\/worker\/queue: No such file/,
    );
    expect(minutes).toBeLessThan(4);
  });

  it('for a service that keeps failing on unhealthy instances ends in minutes, with its last words', async () => {
    await start(telling('', "unit worker.service\nError: Cannot find module 'express'\n"));
    await world.addRelease(project, '2');
    newOnesTurnUnhealthy();
    const { message, minutes } = await failed();
    expect(message).toMatch(
      /was rolled back: worker\.service keeps failing on i-\w+: Error: Cannot find module 'express'/,
    );
    expect(minutes).toBeLessThan(4);
  });

  it('for instances that turn unhealthy one after the other ends long before the cloud would, though they say nothing', async () => {
    await start();
    await world.addRelease(project, '2');
    newOnesTurnUnhealthy();
    const { message, minutes } = await failed();
    expect(message).toMatch(/\d new instances in a row were taken out of service as unhealthy \(i-\w+, /);
    expect(minutes).toBeLessThan(8);
  });

  it('for an image that is gone ends at the first launch that fails, with the words of the cloud', async () => {
    await start();
    const imageId = await world.addRelease(project, '2');
    world.meanwhile = async () => {
      if ((await world.root.refreshes.list('workers')).length > 0) await world.root.images.remove(imageId);
    };
    const { message, minutes } = await failed();
    expect(message).toMatch(/workers cannot launch an instance of release 2: .*ami-/);
    expect(minutes).toBeLessThan(2);
  });

  it('for want of room is told, and waits until there is some', async () => {
    await start();
    await world.addRelease(project, '2');
    const room = (available: number) =>
      ['a', 'b', 'c'].map((zone) => ({ type: 't3.small', zone: `eu-central-1${zone}`, available }));
    await askOwnPath(world.local, 'faults', { body: { capacity: room(0) } });
    let since: number | undefined;
    world.meanwhile = async () => {
      since ??= world.clock.now();
      if (world.clock.now() - since > 300_000)
        await askOwnPath(world.local, 'faults', { body: { capacity: room(9) } });
    };
    await world.rollOut(project);
    expect(world.said('warning')).toMatch(/capacity/i);
    expect(world.fleet).toBe('222');
  });
});
