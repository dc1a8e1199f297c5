import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EssWorld, essWorld } from '../../helpers/ess.ts';

let world: EssWorld;
beforeEach(async () => {
  world = await essWorld();
});
afterEach(() => world.cloud.close());

test('a new group is inactive and launches nothing before it is enabled', async () => {
  const { ess, passes, members, groupOf } = world;
  const { ScalingGroupId } = (await ess('CreateScalingGroup', {
    ScalingGroupName: 'workers',
    MinSize: 2,
    MaxSize: 4,
    LaunchTemplateId: await world.template(),
    LaunchTemplateVersion: '2',
    VSwitchIds: await world.switches(),
    Tags: [{ Key: 'bake:fleet', Value: 'workers', Propagate: true }],
  })) as { ScalingGroupId: string };
  await passes(60);
  expect(await groupOf(ScalingGroupId)).toMatchObject({
    LifecycleState: 'Inactive',
    TotalCapacity: 0,
    DesiredCapacity: 2,
    MultiAZPolicy: 'PRIORITY',
    ScalingPolicy: 'release',
    SystemSuspended: false,
    Tags: [{ TagKey: 'bake:fleet', TagValue: 'workers', Propagate: true }],
  });
  await ess('EnableScalingGroup', { ScalingGroupId });
  await passes(60);
  expect(await groupOf(ScalingGroupId)).toMatchObject({
    LifecycleState: 'Active',
    TotalCapacity: 2,
    ActiveCapacity: 2,
  });
  const all = await members(ScalingGroupId);
  expect(all).toEqual([
    expect.objectContaining({ LifecycleState: 'InService', LaunchTemplateVersion: '2' }),
    expect.objectContaining({ HealthStatus: 'Healthy', CreationType: 'AutoCreated', Entrusted: false }),
  ]);
  const { Instances } = (await world.call('ecs', 'DescribeInstances', {
    InstanceIds: JSON.stringify([all[0]!.InstanceId]),
  })) as { Instances: { Instance: { Tags: { Tag: object[] } }[] } };
  expect(Instances.Instance[0]!.Tags.Tag).toContainEqual({ TagKey: 'bake:fleet', TagValue: 'workers' });
});

test('a rolling refresh replaces everything, and the group has the new version only then', async () => {
  const group = await world.group(4);
  await world.start(group, { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 });
  await world.passes(0);
  expect((await world.groupOf(group)).LaunchTemplateVersion).toBe('1');
  expect(await world.versions(group)).toBe('2x1+2x2');
  await world.passes(60);
  expect(await world.refresh(group)).toMatchObject({
    Status: 'Successful',
    FinishedUpdateCapacity: 4,
    TotalNeedUpdateCapacity: 4,
  });
  expect(await world.versions(group)).toBe('4x2');
  expect((await world.groupOf(group)).LaunchTemplateVersion).toBe('2');
});
