import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { rollOut } from '../../src/rollout/rollout.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

/** Smoke tests that take longer than the cloud waits at a checkpoint. */
const slow = () => ({
  rollout: { checkpoints: [33, 100], checkpointDelay: '10s', progressDeadline: '1m' },
  smoke: { sqs: sqs('30s'), logs: { group: world.workers.logGroup, settle: '30s' } },
});

const quick = () => ({ ...slow(), smoke: { sqs: sqs('30s') } });

const sqs = (timeout: string) => ({
  queue: 'jobs',
  message: 'job ${smoke.id}',
  logGroup: world.workers.logGroup,
  timeout,
  resendEvery: '2s',
});

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project(slow());
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const suspended = async () => (await world.root.groups.find('workers'))!.suspendedProcesses;
const fresh = () => [...world.fleet].filter((version) => version === '2').length;

/** How many new instances there were at most while the gate at 33 % was open. */
function watchGate(): { most: number; suspended: boolean } {
  const seen = { most: 0, suspended: false };
  world.meanwhile = async () => {
    const open =
      world.said('step.started').includes('rollout.gate.33') &&
      !/"step":"rollout.gate.33"/.test(world.said('step.finished') + world.said('step.failed'));
    if (!open) return;
    seen.most = Math.max(seen.most, fresh());
    seen.suspended ||= (await suspended()).includes('InstanceRefresh');
  };
  return seen;
}

describe('a gate', () => {
  it('holds the refresh for as long as it takes, and lets it go on when it has passed', async () => {
    const gate = watchGate();
    await world.rollOut(project);
    expect(gate).toEqual({ most: 1, suspended: true });
    expect(world.fleet).toBe('222');
    expect(await suspended()).toEqual([]);
    expect(await readLock(world.root, project)).toBeUndefined();
  });

  it('that fails long after the delay finds one new instance, no more, to be taken back', async () => {
    world.workers.behaviours.set('2', 'deaf');
    const gate = watchGate();
    const error = await failure(world.rollOut(project));
    expect(error.message).toMatch(/the smoke test at 33 %: .*The fleet is back on release 1/);
    expect(gate.most).toBe(1);
    expect(world.fleet).toBe('111');
    expect(await suspended()).toEqual([]);
    const [refresh] = await world.root.refreshes.list('workers');
    expect(refresh?.state).toBe('rollback-successful');
  });

  it('notes in the record of the fleet what it suspends before it does', async () => {
    const noted: unknown[] = [];
    const cloud = beforeSuspending(async () => {
      noted.push((await readLock(world.root, project))?.suspended);
    });
    await rollOut(world.run(), cloud, world.project(quick()));
    expect(noted).toEqual([[{ group: 'workers', processes: ['InstanceRefresh'] }]]);
  });

  it('that comes when the delay is over holds the refresh where it has got to, and the fleet ends whole', async () => {
    const cloud = beforeSuspending(() => world.clock.sleep(60_000));
    await rollOut(world.run(), cloud, world.project(quick()));
    expect(world.fleet).toBe('222');
    expect(await suspended()).toEqual([]);
  });

  it('that comes when the refresh is over lets go at once, and the last test decides', async () => {
    const cloud = beforeSuspending(() => world.clock.sleep(3_600_000));
    await rollOut(world.run(), cloud, world.project(quick()));
    expect(world.said('step.started')).not.toContain('rollout.gate.33');
    expect(world.said('step.finished')).toContain('rollout.gate.last');
    expect(world.fleet).toBe('222');
    expect(await suspended()).toEqual([]);
  });

  it('leaves to somebody else what they have suspended, and waits for them', async () => {
    let begun: number | undefined;
    world.meanwhile = async () => {
      const [refresh] = await world.root.refreshes.list('workers');
      if (begun === undefined && refresh && refresh.percent > 33) {
        begun = world.clock.now();
        await world.root.groups.suspend('workers', ['InstanceRefresh']);
      }
      if (begun !== undefined && world.clock.now() - begun > 180_000)
        await world.root.groups.resume('workers', ['InstanceRefresh']);
    };
    const hurried = world.project({ ...quick(), rollout: { ...slow().rollout, checkpoints: [66, 100] } });
    await world.rollOut(hurried);
    expect(world.said('warning')).toContain('somebody has suspended InstanceRefresh on workers');
    expect(world.clock.now() - begun!).toBeGreaterThan(180_000);
    expect(world.fleet).toBe('222');
  });

  it('is none where nothing is tested: the cloud waits, and nothing is suspended', async () => {
    let held = false;
    world.meanwhile = async () => {
      held ||= (await suspended()).length > 0;
    };
    await world.rollOut(world.project({ smoke: {}, rollout: { checkpointDelay: '20s' } }));
    expect(held).toBe(false);
    expect(world.fleet).toBe('222');
  });
});

/** The cloud as this run sees it, with something that happens before it suspends a process. */
function beforeSuspending(work: () => Promise<unknown>): Cloud {
  const suspend: Cloud['groups']['suspend'] = async (name, processes) => {
    await work();
    await world.cloud.groups.suspend(name, processes);
  };
  const groups = new Proxy(world.cloud.groups, {
    get: (target, name) => (name === 'suspend' ? suspend : Reflect.get(target, name)),
  });
  return new Proxy(world.cloud, {
    get: (target, name) => (name === 'groups' ? groups : Reflect.get(target, name)),
  });
}
