import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

/** A call of one kind, counted from 0: "groups.suspend 0". */
type Point = { call: string; nth: number };

const CONFIG = {
  fleet: { size: { min: 1, max: 4, desired: 2 } },
  rollout: { maxHealthyPercentage: 150, checkpoints: [50, 100], checkpointDelay: '15s' },
};

/** These change something; the others only look. */
const CHANGING =
  /^(parameters\.(create|put)|templates\.createVersion|refreshes\.(start|rollback|cancel)|groups\.(suspend|resume|setTags|terminateInstance)|queues\.send)$/;

async function prepared(behaviour: 'works' | 'deaf'): Promise<{ world: RolloutWorld; project: Project }> {
  const world = await RolloutWorld.start();
  const sqs = {
    queue: 'jobs',
    message: 'job ${smoke.id}',
    logGroup: world.workers.logGroup,
    timeout: '20s',
    resendEvery: '2s',
  };
  const project = world.project({ ...CONFIG, smoke: { sqs } });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  world.workers.behaviours.set('2', behaviour);
  return { world, project };
}

/** The calls that one whole rollout makes. */
async function callsOf(behaviour: 'works' | 'deaf'): Promise<Point[]> {
  const { world, project } = await prepared(behaviour);
  const counts = new Map<string, number>();
  const points: Point[] = [];
  try {
    await world.crash(project, (call) => {
      const nth = counts.get(call) ?? 0;
      counts.set(call, nth + 1);
      points.push({ call, nth });
      return false;
    });
    expect(world.fleet).toBe(behaviour === 'works' ? '22' : '11');
  } finally {
    await world.close();
  }
  return points;
}

/** Kills a rollout there, goes on with it, and holds the fleet against what it should be. Whether it got so far as to be killed. */
async function killAt(point: Point, behaviour: 'works' | 'deaf', late: boolean): Promise<boolean> {
  const { world, project } = await prepared(behaviour);
  const name = `killed at ${point.call} ${point.nth}`;
  try {
    let seen = 0;
    const { killed } = await world.crash(project, (call) => call === point.call && seen++ === point.nth);
    // On another machine the dead one's lock has to expire first.
    if (late) await world.clock.sleep(7 * 60_000);
    const resumed = world.rollOut(project, { resume: true, forceUnlock: !late });
    const error = await resumed.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    const nothing = /there is no rollout to resume/.test(error?.message ?? '');
    if (nothing) {
      // It had not begun, or had come to its end but for letting go of the lock.
      await world.rollOut(project, {}).catch(() => {});
    } else if (behaviour === 'works') expect(error, name).toBeUndefined();
    else expect(error?.message, name).toMatch(/was rolled back/);
    const group = (await world.root.groups.find('workers'))!;
    const right = behaviour === 'works' ? '2' : '1';
    expect(world.fleet, name).toBe(right.repeat(2));
    expect(group.template.version, name).toBe(Number(right));
    expect(group.suspendedProcesses, name).toEqual([]);
    expect(group.tags['bake:verified-version'], name).toBe(behaviour === 'works' ? '2' : undefined);
    expect(
      (await world.root.refreshes.list('workers')).filter(({ endedAt }) => endedAt === undefined),
    ).toEqual([]);
    expect(await readLock(world.root, project), name).toBeUndefined();
    expect((await world.root.queues.find('jobs-dead'))!.visible, name).toBe(0);
    return killed;
  } finally {
    await world.close();
  }
}

describe.each(['works', 'deaf'] as const)('a rollout of a release that is %s', (behaviour) => {
  it('killed at any call that changes something, and in between, and taken up by --resume, ends in the right release', async () => {
    const calls = await callsOf(behaviour);
    // A call that was made and whose answer nobody hears is as if the next one was not made.
    const points = calls.filter(
      ({ call, nth }, index) =>
        (CHANGING.test(call) && (call !== 'queues.send' || nth === 0)) || index % 30 === 0,
    );
    expect(points.length).toBeGreaterThan(15);
    let killed = 0;
    for (const [index, point] of points.entries())
      if (await killAt(point, behaviour, index % 4 === 3)) killed++;
    // How often it looks, and renews its lock, is not the same each time.
    expect(killed).toBeGreaterThan(points.length * 0.8);
  }, 300_000);
});
