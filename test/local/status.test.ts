import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFleet } from '../../src/rollout/lock.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { statusHeadline, statusLines } from '../../src/upkeep/status-text.ts';
import { makeBalancer } from '../helpers/balancer.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { twoColours } from '../helpers/two-colours.ts';

let world: RolloutWorld;
beforeEach(async () => {
  world = await RolloutWorld.start();
});
afterEach(() => world.close());

it('status shows both colours, the one in front first, with their releases', async () => {
  const project = world.project();
  await twoColours(world, project, 2);
  await world.root.groups.setTags('workers-green', { 'bake:colour': 'front' }, { propagate: false });
  await world.root.groups.setTags('workers', { 'bake:colour': 'back' }, { propagate: false });
  const status = await readStatus(world.cloud, project);
  expect(status).toMatchObject({
    group: 'workers-green',
    colour: 'green',
    template: { release: '2' },
    back: { group: 'workers', colour: 'blue', template: { release: '1' } },
  });
  const lines = statusLines(status, world.clock.now());
  expect(lines[0]).toMatch(/^scaling group workers-green \(green\): 2 instances wanted/);
  expect(lines).toContainEqual(
    expect.stringMatching(/^behind it: scaling group workers \(blue\): 3 instances/),
  );
});

it('status shows who works on the fleet, how its targets are, and its queue', async () => {
  const balancer = await makeBalancer(world.local, ['web']);
  const project = world.project({ fleet: { targetGroups: ['web'] } });
  await world.addRelease(project, '1');
  await world.apply(project);
  const lock = await lockFleet(world.run(), world.cloud, project, { command: 'rollout' });
  const status = await readStatus(world.cloud, project);
  expect(status.lock).toMatchObject({ command: 'rollout', owner: expect.stringContaining('@') });
  expect(statusHeadline(status)).toContain(`locked by ${status.lock!.owner}`);
  const targets = Object.values(status.targets[0]!.states).reduce((sum, n) => sum + n, 0);
  expect([status.targets[0]!.name, targets]).toEqual(['web', 3]);
  expect(status.queue).toMatchObject({
    name: 'jobs',
    visible: 0,
    deadLetters: { name: 'jobs-dead', messages: 0 },
  });
  await lock.release();
  expect((await readStatus(world.cloud, project)).lock).toBeUndefined();
  balancer.close();
});

it('status tells the rest when somebody may not see the lock', async () => {
  const policy = without(shippedPolicy('deployer'), { sid: 'LockFleets', action: 'ssm:GetParameter' });
  const limited = await RolloutWorld.start({ policy });
  try {
    const project = limited.project();
    await limited.addRelease(project, '1');
    await limited.apply(project);
    const status = await readStatus(limited.cloud, project);
    expect(status.instances).toHaveLength(3);
    expect(status.unknown).toMatchObject([
      { what: 'lock', why: expect.stringContaining('ssm:GetParameter') },
    ]);
  } finally {
    await limited.close();
  }
});
