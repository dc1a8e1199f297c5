import { describe, expect, it } from 'vitest';
import { activities } from '../../../src/localcloud/engine/autoscaling/activities.ts';
import { setHealth } from '../../../src/localcloud/engine/autoscaling/health.ts';
import { isActive } from '../../../src/localcloud/engine/autoscaling/members.ts';
import { setProtection } from '../../../src/localcloud/engine/autoscaling/membership.ts';
import { suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { updateGroup } from '../../../src/localcloud/engine/autoscaling/update.ts';
import { terminateInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { HOUR, MINUTE, World } from '../../helpers/autoscaling.ts';

const DAY = 24 * HOUR;

async function worldOf(desired: number, request = {}) {
  const world = new World({ latency: { 'group.launch': 30_000 } });
  world.addTemplate();
  await world.addGroup(desired, request);
  return world;
}

const inService = (world: World) =>
  world.members.filter(({ state, healthy }) => state === 'InService' && healthy).length;
const zones = (world: World) =>
  world.members
    .filter(isActive)
    .map(({ zone }) => zone.at(-1))
    .sort()
    .join('');

/** Marks so many as unhealthy; returns the fewest healthy and the most members in the next ten minutes. */
async function sicken(world: World, count: number) {
  for (const { instanceId } of world.members.slice(0, count)) {
    setHealth(world.engine, instanceId, 'Unhealthy', false);
  }
  let fewest = Number.POSITIVE_INFINITY;
  let most = 0;
  let alive = Number.POSITIVE_INFINITY;
  await world.pass(10 * MINUTE, 1000, () => {
    fewest = Math.min(fewest, inService(world));
    alive = Math.min(alive, world.members.filter(({ state }) => state === 'InService').length);
    most = Math.max(most, world.members.filter(isActive).length);
  });
  return { fewest, most, alive };
}

describe('the replacement of unhealthy instances', () => {
  it('ends them at once where there is no maintenance policy', async () => {
    const world = await worldOf(4);
    expect(await sicken(world, 2)).toEqual({ fewest: 2, alive: 2, most: 4 });
    expect(inService(world)).toBe(4);
  });

  it.each([
    [10, 1, { min: 100, max: 110 }, { alive: 10, most: 11 }],
    [10, 4, { min: 100, max: 110 }, { alive: 10, most: 11 }],
    [10, 1, { min: 90, max: 120 }, { alive: 9, most: 10 }],
    [4, 4, { min: 50, max: 100 }, { alive: 2, most: 4 }],
    [1, 1, { min: 100, max: 200 }, { alive: 1, most: 2 }],
  ])('of %d with %d sick and %j keeps to its policy', async (desired, sick, maintenancePolicy, bounds) => {
    const world = await worldOf(desired, { maintenancePolicy });
    expect(await sicken(world, sick)).toMatchObject(bounds);
    expect(inService(world)).toBe(desired);
  });

  it('does not wait for one that does not run any more', async () => {
    const world = await worldOf(2, { maintenancePolicy: { min: 100, max: 110 } });
    terminateInstances(world.engine, [world.members[0]?.instanceId as string]);
    await world.pass(5 * MINUTE);
    expect(inService(world)).toBe(2);
  });
});

it('an instance that reaches the maximum lifetime is replaced, one after the other', async () => {
  const world = await worldOf(3, { passive: { MaxInstanceLifetime: '86400' } });
  const first = world.members.map(({ instanceId }) => instanceId);
  let fewest = 3;
  await world.pass(DAY + HOUR, MINUTE, () => {
    fewest = Math.min(fewest, world.members.filter(isActive).length);
  });
  expect(fewest).toBeGreaterThanOrEqual(2);
  expect(world.members.filter(({ instanceId }) => first.includes(instanceId))).toEqual([]);
  expect(
    activities(world.engine)
      .all()
      .map(({ cause }) => cause),
  ).toContainEqual(expect.stringContaining('in response to the maximum instance lifetime being reached'));
});

describe('the balance of zones', () => {
  it('is restored after a zone was added: launched first, then ended in the fullest', async () => {
    const world = await worldOf(6, { zones: ['eu-central-1a'] });
    updateGroup(world.engine, 'workers', { zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] });
    let fewest = 6;
    let most = 6;
    await world.pass(30 * MINUTE, 10_000, () => {
      fewest = Math.min(fewest, inService(world));
      most = Math.max(most, world.members.filter(isActive).length);
    });
    expect(zones(world)).toBe('aabbcc');
    expect({ fewest, most }).toEqual({ fewest: 6, most: 7 });
    expect(
      activities(world.engine)
        .all()
        .map(({ cause }) => cause),
    ).toContainEqual(
      expect.stringMatching(
        /^At .* availability zones .* had 6 0 0 instances respectively\. An instance was launched to aid/,
      ),
    );
  });

  it('takes instances out of a zone that the group has left', async () => {
    const world = await worldOf(3);
    updateGroup(world.engine, 'workers', { zones: ['eu-central-1a', 'eu-central-1b'] });
    await world.pass(30 * MINUTE, 10_000);
    expect(zones(world)).toMatch(/^(aab|abb)$/);
  });

  it('is left alone while the process is suspended, and where what would go is protected', async () => {
    const world = await worldOf(4, { zones: ['eu-central-1a'] });
    suspendProcesses(world.engine, 'workers', ['AZRebalance']);
    updateGroup(world.engine, 'workers', { zones: ['eu-central-1a', 'eu-central-1b'] });
    await world.pass(30 * MINUTE, 10_000);
    expect(zones(world)).toBe('aaaa');
    const other = await worldOf(4, { zones: ['eu-central-1a'] });
    const ids = other.members.map(({ instanceId }) => instanceId);
    setProtection(other.engine, 'workers', ids, true);
    updateGroup(other.engine, 'workers', { zones: ['eu-central-1a', 'eu-central-1b'] });
    await other.pass(30 * MINUTE, 10_000);
    expect(zones(other)).toBe('aaaa');
  });
});
