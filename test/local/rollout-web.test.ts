import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure } from '../helpers/failure.ts';
import { WebWorld } from '../helpers/web-world.ts';

let web: WebWorld;

beforeEach(async () => {
  web = await WebWorld.start(['web']);
  await web.world.addRelease(project(), '1');
  await web.world.apply(project());
  await web.world.addRelease(project(), '2');
});
afterEach(() => web.close());

const project = () =>
  web.project({}, { rollout: { strategy: 'rolling', checkpoints: [33, 100], checkpointDelay: '30s' } });

it('a rolling rollout of web servers loses no request, on the way there and on the way back', async () => {
  web.load = true;
  await web.world.rollOut(project());
  expect(web.world.fleet).toBe('222');
  await web.rest();
  expect(web.take()).toEqual({ versions: '12', failed: {} });
  await web.world.addRelease(project(), '3');
  web.load = true;
  const rollout = web.world.rollOut(project());
  while (!web.world.fleet.includes('3')) await web.world.clock.sleep(1_000);
  await web.world.root.refreshes.rollback('workers');
  await failure(rollout);
  expect(web.world.fleet).toBe('222');
  await web.rest();
  expect(web.take().failed).toEqual({});
});

it('a rollout of servers that fail their health check goes back in minutes, with what the load balancer has against them', async () => {
  web.sick.add('2');
  web.load = true;
  const before = web.world.clock.now();
  const error = await failure(web.world.rollOut(project()));
  expect(error.message).toMatch(
    /was rolled back: \d new instances in a row .*: .*(ELB system health check failure|fails the health check of its load balancer).*The fleet is back on release 1/,
  );
  expect(web.world.clock.now() - before).toBeLessThan(900_000);
  expect(web.world.fleet).toBe('111');
  await web.rest();
  expect(web.take()).toEqual({ versions: '1', failed: {} });
});
