import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { blueGreenProject, startWorkers } from '../helpers/blue-green-world.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
afterEach(async () => {
  over = true;
  await world.close();
});

const MESSAGES = 3_000;
/** A worker takes ten messages and is busy with them for so long. Milliseconds. */
const BUSY = 4_000;
const PER_SECOND = 5;
let sent = 0;
let over = false;

/** A release 1 that has much to do, and a release 2. */
async function start(fleet: object = {}) {
  sent = 0;
  over = false;
  world = await startWorkers();
  const { workers } = world;
  for (const release of ['1', '2']) workers.takes.set(release, BUSY);
  await workers.setVisibility(90_000);
  const project = (settings: object = {}) => blueGreenProject(world, settings, { fleet });
  await world.addRelease(project(), '1');
  await world.apply(project());
  await world.addRelease(project(), '2');
  // They come all the time, so that nobody is ever idle for long.
  const begun = world.clock.now();
  world.meanwhile = async () => {
    const due = Math.min(MESSAGES, Math.floor(((world.clock.now() - begun) * PER_SECOND) / 1_000));
    sent += await workers.send(sent, due);
  };
  void tick(world);
  return project;
}

/** Workers have their turn whenever time passes: often enough, whatever bake waits for. */
async function tick(of: RolloutWorld): Promise<void> {
  while (of === world && !over) await of.clock.sleep(2_000);
}

/** Lets the workers come to the end of the queue. Returns what became of the messages. */
async function finish({
  annotate,
}: TestContext): Promise<{ done: number; again: number; dead: number; left: number }> {
  const { workers } = world;
  const jobs = () => [...workers.processed.keys()].filter((body) => /^job \d+$/.test(body));
  expect(sent, 'some came when the rollout was over').toBeLessThan(MESSAGES);
  for (let turn = 0; jobs().length < MESSAGES && turn < 1_000; turn++) await world.clock.sleep(2_000);
  await world.clock.sleep(120_000);
  const { visible, inFlight } = (await world.cloud.queues.find('jobs'))!;
  const dead = (await world.cloud.queues.find('jobs-dead'))!;
  const again = [...workers.begun.values()].filter((times) => times > 1).length;
  await annotate(`${again} of ${MESSAGES} messages begun twice`);
  return { done: jobs().length, again, dead: dead.visible + dead.inFlight, left: visible + inFlight };
}

const HOOK = { lifecycleHooks: [{ name: 'drain', on: 'terminate', heartbeat: '5m' }] };
const NO_COMMAND = { drainCommand: undefined, resumeCommand: undefined };

describe('three thousand messages and slow workers', () => {
  it('go through a rolling rollout: all are processed, and those that ended workers held are begun again', async (context) => {
    const project = await start();
    await world.rollOut(project(), { strategy: 'rolling' });
    const { again, ...rest } = await finish(context);
    expect(rest).toEqual({ done: MESSAGES, dead: 0, left: 0 });
    expect(again).toBeLessThanOrEqual(30);
  });

  it('go through a rolling rollout with a lifecycle hook: all are processed, none is begun twice', async (context) => {
    const project = await start(HOOK);
    world.workers.finishes = true;
    await world.rollOut(project(), { strategy: 'rolling' });
    expect(await finish(context)).toEqual({ done: MESSAGES, again: 0, dead: 0, left: 0 });
  });

  it('go through a blue-green rollout that drains by a command: all are processed, none is begun twice', async (context) => {
    const project = await start();
    await world.rollOut(project());
    expect(await finish(context)).toEqual({ done: MESSAGES, again: 0, dead: 0, left: 0 });
  });

  it('go through a blue-green rollout that drains by a lifecycle hook: all are processed, none is begun twice', async (context) => {
    const project = await start(HOOK);
    world.workers.finishes = true;
    await world.rollOut(project(NO_COMMAND));
    expect(await finish(context)).toEqual({ done: MESSAGES, again: 0, dead: 0, left: 0 });
  });

  it('go through a blue-green rollout with neither: all are processed, and those that ended workers held are begun again', async (context) => {
    const project = await start();
    await world.rollOut(project(NO_COMMAND));
    const { again, ...rest } = await finish(context);
    expect(rest).toEqual({ done: MESSAGES, dead: 0, left: 0 });
    expect(again).toBeLessThanOrEqual(30);
  });

  it('go through a blue-green rollout that is taken back: all are processed', async (context) => {
    const project = await start();
    world.workers.behaviours.set('2', 'eats');
    await expect(world.rollOut(project())).rejects.toThrow('was taken back');
    const { again, ...rest } = await finish(context);
    expect(rest).toEqual({ done: MESSAGES, dead: 0, left: 0 });
    expect(again).toBeLessThanOrEqual(600);
  });
});
