import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { watchRollout } from '../../src/rollout/watch.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await RolloutWorld.start();
  project = world.project({ rollout: { checkpoints: [33, 100], checkpointDelay: '20s' } });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
});
afterEach(() => world.close());

const watch = () => watchRollout(world.run(), world.root, project);

async function untilFirst(): Promise<void> {
  while (!world.fleet.includes('2')) await world.clock.sleep(500);
}

it('who looks on sees how far it is, what is left, and that it has arrived', async () => {
  const rollout = world.rollOut(project);
  await untilFirst();
  expect(await watch()).toEqual({ arrived: true, left: false });
  await rollout;
  const progress = world.events.filter(
    (event) => event.type === 'step.progress' && event.step === 'status.watch',
  );
  expect(JSON.stringify(progress)).toMatch(/"percent":33,"remainingMs":\d+/);
  expect(JSON.stringify(progress)).toContain(
    'workers: 3 of 3 instances in service, 1 of launch template version 2',
  );
});

it('who looks on at a rollout that fails sees it go back, and that it has not arrived', async () => {
  world.workers.behaviours.set('2', 'deaf');
  const rollout = failure(world.rollOut(project));
  await untilFirst();
  expect(await watch()).toEqual({ arrived: false, left: false });
  await rollout;
  expect(world.fleet).toBe('111');
});

it('who looks on at a detached rollout is told at its end that somebody has to go on with it', async () => {
  await world.rollOut(project, { detach: true });
  expect(await watch()).toEqual({ arrived: true, left: true });
  expect(world.fleet).toBe('222');
});

it('where nothing is under way there is nothing to look on at', async () => {
  expect(await watch()).toBeUndefined();
});
