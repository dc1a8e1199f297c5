import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import type { GroupRequest } from '../../../src/localcloud/engine/autoscaling/create.ts';
import { isActive, type MemberRecord } from '../../../src/localcloud/engine/autoscaling/members.ts';
import type { MixedRequest } from '../../../src/localcloud/engine/autoscaling/mixed/policy.ts';
import { nextPurchase } from '../../../src/localcloud/engine/autoscaling/mixed/purchase.ts';
import { startRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/start.ts';
import { updateGroup } from '../../../src/localcloud/engine/autoscaling/update.ts';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { HOUR, MINUTE, World } from '../../helpers/autoscaling.ts';

const policy = (overrides: MixedRequest['overrides']): MixedRequest => ({
  template: { name: 'worker', version: '1' },
  overrides,
});

async function worldOf(desired: number, mixed: MixedRequest, request: Partial<GroupRequest> = {}) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired, { template: undefined, mixed, ...request });
  return world;
}

const types = (world: World) =>
  world.members
    .filter(isActive)
    .map(({ instanceType }) => instanceType)
    .sort();

describe('a mixed instances policy', () => {
  it('launches the first type of its list, and the next one where that has no capacity', async () => {
    const world = await worldOf(0, policy([{ instanceType: 't3.small' }, { instanceType: 't3.medium' }]));
    const zone = 'eu-central-1a';
    capacity(world.engine).put(`t3.small/${zone}`, { type: 't3.small', zone, available: 0 });
    setDesiredCapacity(world.engine, 'workers', 3, false);
    await world.pass(MINUTE);
    expect(types(world)).toEqual(['t3.medium', 't3.small', 't3.small']);
  });

  it('counts weights: six units are two instances of weight three', async () => {
    const world = await worldOf(6, policy([{ instanceType: 't3.large', weight: 3 }]));
    expect(types(world)).toEqual(['t3.large', 't3.large']);
    setDesiredCapacity(world.engine, 'workers', 7, false);
    await world.pass(MINUTE);
    expect(world.fleet).toHaveLength(3);
    setDesiredCapacity(world.engine, 'workers', 4, false);
    await world.pass(MINUTE);
    expect(world.fleet).toHaveLength(2);
  });

  it('chooses types by attributes: the smallest that has what is asked for', async () => {
    const requirements = { VCpuCount: { Min: '4', Max: '8' }, MemoryMiB: { Min: '16000' } };
    const world = await worldOf(1, policy([{ requirements }]));
    expect(types(world)).toEqual(['m5.xlarge']);
  });

  it('buys on-demand up to the base and for its share above it', () => {
    const distribution = {
      onDemandStrategy: 'prioritized',
      base: 2,
      percentage: 50,
      spotStrategy: 'lowest-price',
    };
    const bought: ReturnType<typeof nextPurchase>[] = [];
    for (let count = 0; count < 6; count++) {
      const active = bought.map((each) => ({ spot: each === 'spot' }) as unknown as MemberRecord);
      bought.push(nextPurchase({ overrides: [], distribution }, active));
    }
    expect(bought).toEqual(['on-demand', 'on-demand', 'on-demand', 'spot', 'on-demand', 'spot']);
  });

  it('launches spot instances for the rest', async () => {
    const mixed = { ...policy([{ instanceType: 't3.small' }]), distribution: { base: 1, percentage: 0 } };
    const world = await worldOf(3, mixed);
    const bought = world.members.map(
      ({ instanceId }) => instances(world.engine).get(instanceId)?.spotRequestId !== undefined,
    );
    expect(bought).toEqual([false, true, true]);
  });

  it('keeps what an update leaves out, and goes when a template takes its place', async () => {
    const world = await worldOf(0, policy([{ instanceType: 't3.small' }]));
    updateGroup(world.engine, 'workers', { mixed: { distribution: { base: 3 } } });
    expect(world.group.mixed).toMatchObject({
      overrides: [{ instanceType: 't3.small' }],
      distribution: { base: 3, percentage: 100 },
    });
    updateGroup(world.engine, 'workers', { template: { name: 'worker', version: '2' } });
    expect(world.group).toMatchObject({ template: { version: '2' }, mixed: undefined });
  });

  it.each([
    [policy([{ instanceType: 't3.small' }, { instanceType: 't3.small' }]), /another instance type/],
    [policy([{ instanceType: 't3.small', weight: 2 }, { instanceType: 't3.large' }]), /WeightedCapacity/],
    [{ ...policy([]), distribution: { percentage: 101 } }, /OnDemandPercentageAboveBaseCapacity/],
    [{ ...policy([]), distribution: { spotStrategy: 'luck' } }, /SpotAllocationStrategy/],
    [{ overrides: [] }, /must contain a LaunchTemplate/],
  ])('is refused where it makes no sense: %j', async (mixed, message) => {
    await expect(worldOf(0, mixed)).rejects.toThrow(message);
  });
});

describe('a refresh of a mixed group', () => {
  it('brings the whole policy, and leaves alone what it already asks for', async () => {
    const world = await worldOf(4, policy([{ instanceType: 't3.small' }]));
    const before = world.members.map(({ instanceId }) => instanceId);
    const id = startRefresh(world.engine, 'workers', {
      desired: { mixed: policy([{ instanceType: 't3.small' }, { instanceType: 't3.medium' }]) },
      preferences: { skipMatching: true },
    });
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.members.map(({ instanceId }) => instanceId)).toEqual(before);
    expect(world.group.mixed?.overrides).toHaveLength(2);
    const second = startRefresh(world.engine, 'workers', {
      desired: { mixed: policy([{ instanceType: 't3.medium' }]) },
      preferences: { min: 50, max: 100, warmup: 10, skipMatching: true },
    });
    await world.until(
      () => world.refreshOf(second).endedAt !== undefined,
      HOUR,
      1000,
      () => world.checkBounds(second),
    );
    expect(types(world)).toEqual(Array(4).fill('t3.medium'));
  });

  it('with a template only takes the policy away at its success', async () => {
    const world = await worldOf(2, policy([{ instanceType: 't3.small' }]));
    const id = world.refresh({ min: 0, warmup: 0 });
    await world.until(() => world.refreshOf(id).endedAt !== undefined);
    expect(world.group.mixed).toBeUndefined();
    expect(types(world)).toEqual(['t3.micro', 't3.micro']);
  });

  it('replaces weighted instances within the bounds, counted in instances', async () => {
    const world = await worldOf(12, policy([{ instanceType: 't3.large', weight: 3 }]));
    const id = startRefresh(world.engine, 'workers', {
      desired: {
        mixed: {
          ...policy([{ instanceType: 't3.large', weight: 3 }]),
          template: { name: 'worker', version: '2' },
        },
      },
      preferences: { min: 75, max: 125, warmup: 30 },
    });
    await world.until(
      () => world.refreshOf(id).endedAt !== undefined,
      HOUR,
      1000,
      () => world.checkBounds(id),
    );
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.fleet).toBe('2222');
  });

  it('is refused with a desired configuration while types are selected by attributes', async () => {
    const world = await worldOf(1, policy([{ requirements: { VCpuCount: { Min: '2' } } }]));
    expect(() => world.refresh({})).toThrow(/by attributes/);
  });
});
