import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { deleteGroup } from '../../../src/localcloud/engine/autoscaling/delete.ts';
import { groups } from '../../../src/localcloud/engine/autoscaling/groups.ts';
import { setHealth } from '../../../src/localcloud/engine/autoscaling/health.ts';
import { LAUNCHING, putHook } from '../../../src/localcloud/engine/autoscaling/hooks.ts';
import { completeAction } from '../../../src/localcloud/engine/autoscaling/lifecycle-actions.ts';
import { poolOf } from '../../../src/localcloud/engine/autoscaling/members.ts';
import { deleteWarmPool, putWarmPool } from '../../../src/localcloud/engine/autoscaling/warm-pool/put.ts';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { HOUR, MINUTE, World } from '../../helpers/autoscaling.ts';

async function worldOf(desired: number, pool: Parameters<typeof putWarmPool>[2], request = {}) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired, { max: 5, ...request });
  putWarmPool(world.engine, 'workers', pool);
  await world.pass(MINUTE);
  return world;
}

const pool = (world: World) =>
  poolOf(world.engine, 'workers')
    .map(({ state }) => state)
    .sort();
const ids = (world: World) => world.members.map(({ instanceId }) => instanceId);

describe('a warm pool', () => {
  it.each([
    [{}, Array(3).fill('Warmed:Stopped'), 'stopped'],
    [{ state: 'Running' }, Array(3).fill('Warmed:Running'), 'running'],
    [{ state: 'Hibernated' }, Array(3).fill('Warmed:Hibernated'), 'stopped'],
    [{ maxPrepared: 3 }, ['Warmed:Stopped'], 'stopped'],
    [{ maxPrepared: 2, minSize: 2 }, Array(2).fill('Warmed:Stopped'), 'stopped'],
  ])('made with %j holds %j', async (request, states, instanceState) => {
    const world = await worldOf(2, request);
    expect(pool(world)).toEqual(states);
    expect(world.members).toHaveLength(2);
    const [first] = poolOf(world.engine, 'workers');
    expect(instances(world.engine).get(first?.instanceId as string)?.state).toBe(instanceState);
  });

  it('gives its instances to a scale-out, and fills up to what is then prepared', async () => {
    const world = await worldOf(2, {});
    const warm = poolOf(world.engine, 'workers').map(({ instanceId }) => instanceId);
    setDesiredCapacity(world.engine, 'workers', 4, false);
    await world.pass(MINUTE);
    expect(ids(world).filter((id) => warm.includes(id))).toHaveLength(2);
    expect(world.fleet).toBe('1111');
    expect(pool(world)).toEqual(['Warmed:Stopped']);
  });

  it('takes instances back at a scale-in when it may reuse them', async () => {
    const world = await worldOf(4, { reuseOnScaleIn: true });
    const before = [...ids(world), ...poolOf(world.engine, 'workers').map(({ instanceId }) => instanceId)];
    setDesiredCapacity(world.engine, 'workers', 2, false);
    await world.pass(MINUTE);
    expect(pool(world)).toEqual(Array(3).fill('Warmed:Stopped'));
    const after = [...ids(world), ...poolOf(world.engine, 'workers').map(({ instanceId }) => instanceId)];
    expect(after.sort()).toEqual(before.sort());
  });

  it('asks launch hooks on the way in and again on the way out', async () => {
    const world = new World();
    world.addTemplate();
    await world.addGroup(1, { max: 2 });
    putHook(world.engine, 'workers', { name: 'ready', transition: LAUNCHING, heartbeatTimeout: 600 });
    putWarmPool(world.engine, 'workers', {});
    await world.pass(MINUTE);
    expect(pool(world)).toEqual(['Warmed:Pending:Wait']);
    const instanceId = poolOf(world.engine, 'workers')[0]?.instanceId as string;
    const complete = () =>
      completeAction(world.engine, { group: 'workers', hook: 'ready', instanceId }, 'CONTINUE');
    complete();
    await world.pass(MINUTE);
    expect(pool(world)).toEqual(['Warmed:Stopped']);
    setDesiredCapacity(world.engine, 'workers', 2, false);
    await world.pass(MINUTE);
    expect(world.members.map(({ state }) => state)).toEqual(['InService', 'Pending:Wait']);
    complete();
    await world.pass(MINUTE);
    expect(world.members.map(({ state }) => state)).toEqual(['InService', 'InService']);
  });

  it('replaces an instance that is reported unhealthy', async () => {
    const world = await worldOf(1, { maxPrepared: 2 });
    const sick = poolOf(world.engine, 'workers')[0]?.instanceId as string;
    setHealth(world.engine, sick, 'Unhealthy', false);
    await world.pass(MINUTE);
    expect(pool(world)).toEqual(['Warmed:Stopped']);
    expect(poolOf(world.engine, 'workers')[0]?.instanceId).not.toBe(sick);
  });

  it('is deleted with its instances, and goes with its group', async () => {
    const world = await worldOf(1, {});
    expect(() => deleteWarmPool(world.engine, 'workers', false)).toThrow(/ForceDelete/);
    deleteWarmPool(world.engine, 'workers', true);
    await world.pass(MINUTE);
    expect(world.group.warmPool).toBeUndefined();
    expect(pool(world)).toEqual([]);
    putWarmPool(world.engine, 'workers', {});
    await world.pass(MINUTE);
    expect(pool(world)).toHaveLength(4);
    deleteGroup(world.engine, 'workers', true);
    await world.pass(MINUTE);
    expect(groups(world.engine).size).toBe(0);
  });
});

describe('a refresh of a group with a warm pool', () => {
  it('replaces the live instances first, then the pool, and shows both', async () => {
    const world = await worldOf(3, {});
    const id = world.refresh({ min: 66, max: 100, warmup: 30 });
    await world.until(() => world.refreshOf(id).percent >= 33);
    const versions = () => poolOf(world.engine, 'workers').map(({ template }) => template?.version);
    expect(versions()).toEqual(['1', '1']);
    expect(world.refreshOf(id).pool).toEqual({ percent: 0, toUpdate: 2 });
    await world.until(() => world.refreshOf(id).endedAt !== undefined, HOUR);
    expect(world.refreshOf(id)).toMatchObject({
      status: 'Successful',
      percent: 100,
      pool: { percent: 100, toUpdate: 0 },
    });
    expect(world.fleet).toBe('222');
    expect(versions()).toEqual(['2', '2']);
    expect(pool(world)).toEqual(['Warmed:Stopped', 'Warmed:Stopped']);
  });

  it('lets nobody change the pool meanwhile', async () => {
    const world = await worldOf(2, {});
    world.refresh({ warmup: 600 });
    expect(() => putWarmPool(world.engine, 'workers', { minSize: 1 })).toThrow(/already in progress/);
  });
});
