import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import type { InterruptChoice } from '../../src/rollout/interruption.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  const { logGroup } = world.workers;
  project = world.project({
    rollout: { checkpoints: [33, 100], checkpointDelay: '20s' },
    smoke: {
      sqs: { queue: 'jobs', message: 'job ${smoke.id}', logGroup, timeout: '20s', resendEvery: '2s' },
    },
  });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const group = async () => (await world.root.groups.find('workers'))!;
const newest = async () => (await world.root.refreshes.list('workers'))[0]!;
const verified = async () => (await group()).tags['bake:verified-version'];

/** Interrupts a rollout as soon as `when` is true, and says what is to become of it. Returns what it ended with. */
async function interrupted(choice: InterruptChoice, when: () => boolean) {
  const interrupt = new AbortController();
  world.meanwhile = () => {
    if (when()) interrupt.abort();
  };
  return failure(world.rollOut(project, { onInterrupt: () => choice }, interrupt.signal));
}

const someAreNew = () => world.fleet.includes('2');
const gateIsOpen = () => world.said('step.started').includes('rollout.gate.33');

async function untilEnded(): Promise<void> {
  while ((await newest()).endedAt === undefined) await world.clock.sleep(5_000);
}

describe('a detached rollout', () => {
  it('goes on in the cloud by itself, and is tested and marked as verified by who takes it up', async () => {
    const result = await world.rollOut(project, { detach: true });
    expect(result).toMatchObject({ release: '2', version: 2, previousVersion: 1, detached: true });
    expect(world.fleet).toBe('111');
    expect(await readLock(world.root, project)).toMatchObject({
      release: '2',
      version: 2,
      left: expect.any(Number),
    });
    const resumed = await world.rollOut(project, { resume: true });
    expect(resumed).toMatchObject({
      release: '2',
      version: 2,
      previousVersion: 1,
      replaced: 3,
      detached: false,
    });
    expect(world.said('step.finished')).toContain('rollout.gate.33');
    expect(world.fleet).toBe('222');
    expect(await verified()).toBe('2');
    expect(await readLock(world.root, project)).toBeUndefined();
  });

  it('that has ended meanwhile is verified', async () => {
    await world.rollOut(project, { detach: true });
    await untilEnded();
    expect(world.fleet).toBe('222');
    expect(await verified()).toBeUndefined();
    await world.rollOut(project, { resume: true });
    expect(world.said('step.finished')).toContain('rollout.gate.last');
    expect(await verified()).toBe('2');
  });

  it('that has ended meanwhile and does not work goes back', async () => {
    world.workers.behaviours.set('2', 'deaf');
    await world.rollOut(project, { detach: true });
    await untilEnded();
    const error = await failure(world.rollOut(project, { resume: true }));
    expect(error.message).toMatch(/the last smoke test: .*The fleet is back on release 1/);
    expect(world.fleet).toBe('111');
  });

  it('that the cloud has rolled back meanwhile is told so', async () => {
    await world.rollOut(project, { detach: true });
    while (!someAreNew()) await world.clock.sleep(1_000);
    await world.root.refreshes.rollback('workers');
    await untilEnded();
    const error = await failure(world.rollOut(project, { resume: true }));
    expect(error.exitCode).toBe(1);
    expect(error.message).toMatch(
      /release 2 \(version 2\) was rolled back: Rollback triggered .*back on release 1/,
    );
    expect(await readLock(world.root, project)).toBeUndefined();
  });

  it('whose record is lost is taken up from what the cloud knows', async () => {
    await world.rollOut(project, { detach: true });
    const lost = (await world.local.engine.store.table('parameters').all()) as { name: string }[];
    for (const { name } of lost) world.local.engine.store.table('parameters').delete(name);
    expect(await readLock(world.root, project)).toBeUndefined();
    expect(await world.rollOut(project, { resume: true })).toMatchObject({ version: 2, previousVersion: 1 });
    expect(await verified()).toBe('2');
  });

  it('is not begun beside another one, and says how to go on with that', async () => {
    await world.rollOut(project, { detach: true });
    const error = await failure(world.rollOut(project));
    expect(error.hint).toContain('bake rollout --resume');
    await world.rollOut(project, { resume: true });
  });
});

describe('an interrupted rollout', () => {
  it.each([
    ['while instances are replaced', someAreNew],
    ['while a gate holds it', gateIsOpen],
  ])('%s, left running, goes on without bake and can be taken up', async (_, when) => {
    const error = await interrupted('leave', when);
    expect(error.exitCode).toBe(130);
    expect(error.hint).toContain('bake rollout --resume');
    expect((await newest()).state).toBe('in-progress');
    expect((await group()).suspendedProcesses).toEqual([]);
    await untilEnded();
    await world.rollOut(project, { resume: true });
    expect(world.fleet).toBe('222');
    expect(await verified()).toBe('2');
  });

  it.each([
    ['while instances are replaced', someAreNew],
    ['while a gate holds it', gateIsOpen],
  ])('%s, cancelled, stays as it is, and says what runs and how to end it', async (_, when) => {
    const error = await interrupted('cancel', when);
    expect(error).toMatchObject({ exitCode: 130, hint: expect.stringContaining('bake rollout --release 2') });
    expect(error.details.join()).toMatch(
      /instances? of release 1 .*instances? of release 2 .*would get version 1/,
    );
    expect((await newest()).state).toBe('cancelled');
    expect((await group()).suspendedProcesses).toEqual([]);
    expect(await readLock(world.root, project)).toBeUndefined();
    await world.rollOut(project);
    expect(world.fleet).toBe('222');
  });

  it('while a gate holds it, rolled back, has the cloud go back before anything else', async () => {
    const error = await interrupted('rollback', gateIsOpen);
    expect(error.message).toContain('back on release 1');
    expect((await newest()).state).toBe('rollback-successful');
    expect(world.fleet).toBe('111');
    expect((await group()).suspendedProcesses).toEqual([]);
  });

  it.each(['rollback', 'leave', 'cancel'] as const)(
    'has made the call that decides (%s) within a second, though it is killed then',
    async (choice) => {
      const interrupt = new AbortController();
      let at: number | undefined;
      world.meanwhile = () => {
        if (gateIsOpen()) {
          at ??= world.clock.now();
          interrupt.abort();
        }
      };
      const late = () => at !== undefined && world.clock.now() - at > 1_000;
      await world.crash(project, late, { onInterrupt: () => choice }, interrupt.signal);
      await world.clock.sleep(10_000);
      const state = { rollback: /^rollback-/, leave: /^in-progress$/, cancel: /^cancelled$/ }[choice];
      expect((await newest()).state).toMatch(state);
      expect((await group()).suspendedProcesses).toEqual([]);
    },
  );

  it('when everything is replaced, left there, is marked as verified by who takes it up', async () => {
    const error = await interrupted('leave', () => world.fleet === '222');
    expect(error.exitCode).toBe(130);
    await world.rollOut(project, { resume: true });
    expect(await verified()).toBe('2');
  });
});

describe('bake rollout --resume', () => {
  it('says that there is nothing to resume', async () => {
    const error = await failure(world.rollOut(project, { resume: true }));
    expect(error).toMatchObject({ exitCode: 2, message: 'there is no rollout to resume' });
    await world.rollOut(project);
    const again = await failure(world.rollOut(project, { resume: true }));
    expect(again).toMatchObject({ exitCode: 2, message: expect.stringContaining('ended successful') });
  });

  it('is refused while the process that began it is at work', async () => {
    const first = world.rollOut(project);
    while (!someAreNew()) await world.clock.sleep(1_000);
    const error = await failure(world.rollOut(project, { resume: true }));
    expect(error.message).toContain('is locked by');
    await first;
    expect(world.fleet).toBe('222');
  });

  it('leaves the fleet to who has forced the lock open: the first one gives up where it is', async () => {
    const first = failure(world.rollOut(project));
    while (!gateIsOpen()) await world.clock.sleep(500);
    await world.rollOut(project, { resume: true, forceUnlock: true });
    expect((await first).message).toContain('was given up where it was');
    expect(world.fleet).toBe('222');
    expect((await group()).suspendedProcesses).toEqual([]);
    expect(await verified()).toBe('2');
  });
});
