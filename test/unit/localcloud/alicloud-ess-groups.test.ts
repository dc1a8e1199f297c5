import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, type EssWorld, essWorld } from '../../helpers/ess.ts';

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

test('a group is found by id, name and tags; ids that are not known are left out', async () => {
  const LaunchTemplateId = await world.template();
  const one = await world.group(0, { LaunchTemplateId, Tags: [{ Key: 'bake:fleet', Value: 'a' }] });
  const two = await world.group(0, { LaunchTemplateId, ScalingGroupName: 'others' });
  const found = async (query: Record<string, unknown>) =>
    ((await world.ess('DescribeScalingGroups', query)).ScalingGroups as { ScalingGroupId: string }[]).map(
      ({ ScalingGroupId }) => ScalingGroupId,
    );
  expect(await found({})).toEqual([one, two]);
  expect(await found({ ScalingGroupIds: [two, 'asg-0123456789abcdef0'] })).toEqual([two]);
  expect(await found({ ScalingGroupNames: ['others'] })).toEqual([two]);
  expect(await found({ Tags: [{ Key: 'bake:fleet', Value: 'a' }] })).toEqual([one]);
  expect(await found({ Tags: [{ Key: 'bake:fleet', Value: 'b' }] })).toEqual([]);
  expect(await world.ess('DescribeScalingGroups', { PageSize: 1, PageNumber: 2 })).toMatchObject({
    TotalCount: 2,
    ScalingGroups: [{ ScalingGroupId: two }],
  });
});

test('tags are set, listed and taken away', async () => {
  const ScalingGroupId = await world.group(0);
  const on = { ResourceType: 'scalinggroup', ResourceIds: [ScalingGroupId] };
  await world.ess('TagResources', {
    ...on,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Propagate: true },
    ],
  });
  await world.ess('TagResources', { ...on, Tags: [{ Key: 'a', Value: '2' }] });
  const { TagResources } = await world.ess('ListTagResources', on);
  expect(TagResources).toEqual([
    { ResourceId: ScalingGroupId, ResourceType: 'scalinggroup', TagKey: 'b', TagValue: '', Propagate: true },
    {
      ResourceId: ScalingGroupId,
      ResourceType: 'scalinggroup',
      TagKey: 'a',
      TagValue: '2',
      Propagate: false,
    },
  ]);
  await world.ess('UntagResources', { ...on, TagKeys: ['a'] });
  expect((await world.groupOf(ScalingGroupId)).Tags).toEqual([
    { TagKey: 'b', TagValue: '', Propagate: true },
  ]);
  expect(await codeOf(world.ess('TagResources', { ...on, ResourceType: 'rule', Tags: [] }))).toBe(
    'InvalidResourceType.NotFound',
  );
});

describe('a group is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['without room between its bounds', { MinSize: 3, MaxSize: 2 }, 'InvalidParameter.Conflict'],
    ['that wants more than it may have', { MaxSize: 2, DesiredCapacity: 3 }, 'InvalidParameter.Conflict'],
    ['without switches', { VSwitchIds: [] }, 'MissingParameter.VSwitchIds'],
    ['in a switch that is not there', { VSwitchIds: ['vsw-0123456789abcdef0'] }, 'InvalidVSwitchId.NotFound'],
    ['of a template that is not there', { LaunchTemplateId: 'lt-1' }, 'InvalidLaunchTemplate.NotFound'],
    [
      'with a hook that waits too long',
      { LifecycleHooks: [{ LifecycleTransition: 'SCALE_IN', HeartbeatTimeout: 21_601 }] },
      'InvalidParameter.HeartbeatTimeout',
    ],
    ['with a policy that is none', { MultiAZPolicy: 'RANDOM' }, 'InvalidParameter.MultiAZPolicy'],
  ])('%s', async (_, more, code) => {
    expect(await codeOf(world.group(1, more))).toBe(code);
    expect((await world.ess('DescribeScalingGroups')).TotalCount).toBe(0);
  });

  test('by a name that is taken; the same request with its token is the same group', async () => {
    const request = {
      ...{ ScalingGroupName: 'workers', MinSize: 0, MaxSize: 1, ClientToken: 'once' },
      VSwitchIds: await world.switches(),
    };
    const first = await world.ess('CreateScalingGroup', request);
    expect((await world.ess('CreateScalingGroup', request)).ScalingGroupId).toBe(first.ScalingGroupId);
    expect(await codeOf(world.ess('CreateScalingGroup', { ...request, ClientToken: 'twice' }))).toBe(
      'InvalidScalingGroupName.Duplicate',
    );
    const { ScalingGroupId } = first;
    expect(await codeOf(world.ess('EnableScalingGroup', { ScalingGroupId }))).toBe(
      'MissingActiveScalingConfiguration',
    );
    await world.ess('EnableScalingGroup', { ScalingGroupId, LaunchTemplateId: await world.template() });
    expect(await codeOf(world.ess('EnableScalingGroup', { ScalingGroupId }))).toBe(
      'IncorrectScalingGroupStatus',
    );
  });
});

test('a group is deleted with its instances by force only, and not while it is protected', async () => {
  const ScalingGroupId = await world.group(2);
  await world.ess('SetGroupDeletionProtection', { ScalingGroupId, GroupDeletionProtection: true });
  const remove = (ForceDelete: boolean) => world.ess('DeleteScalingGroup', { ScalingGroupId, ForceDelete });
  expect(await codeOf(remove(true))).toBe('InvalidOperation.DeletionProtection');
  await world.ess('SetGroupDeletionProtection', { ScalingGroupId, GroupDeletionProtection: false });
  expect(await codeOf(remove(false))).toBe('InstanceInUse');
  await world.ess('DisableScalingGroup', { ScalingGroupId });
  await remove(true);
  await world.passes(10);
  expect((await world.ess('DescribeScalingGroups')).TotalCount).toBe(0);
  const { Instances } = (await world.call('ecs', 'DescribeInstances')) as { Instances: { Instance: [] } };
  expect(Instances.Instance).toEqual([]);
  expect(await codeOf(world.ess('DescribeInstanceRefreshes', { ScalingGroupId }))).toBe(
    'InvalidScalingGroupId.NotFound',
  );
});

describe('instances that are taken out', () => {
  test('take the capacity with them, or are replaced; never below the minimum', async () => {
    const ScalingGroupId = await world.group(3, { MinSize: 2 });
    const ids = async () => (await world.members(ScalingGroupId)).map(({ InstanceId }) => InstanceId);
    const [a] = (await ids()) as [string];
    const { ScalingActivityId } = await world.ess('RemoveInstances', { ScalingGroupId, InstanceIds: [a] });
    expect(await codeOf(world.ess('DisableScalingGroup', { ScalingGroupId }))).toBe(
      'ScalingActivityInProgress',
    );
    await world.passes(10);
    const { ScalingActivities } = await world.ess('DescribeScalingActivities', {
      ...{ ScalingGroupId, ScalingActivityIds: [ScalingActivityId] },
    });
    expect(ScalingActivities).toEqual([
      expect.objectContaining({ StatusCode: 'Successful', Progress: 100, DestroyedInstances: [a] }),
    ]);
    expect(await world.groupOf(ScalingGroupId)).toMatchObject({ DesiredCapacity: 2, TotalCapacity: 2 });
    const [b] = (await ids()) as [string];
    const InstanceIds = [b];
    expect(await codeOf(world.ess('RemoveInstances', { ScalingGroupId, InstanceIds }))).toBe(
      'IncorrectCapacity.MinSize',
    );
    await world.ess('RemoveInstances', { ScalingGroupId, InstanceIds, DecreaseDesiredCapacity: false });
    await world.passes(10);
    expect(await ids()).toHaveLength(2);
    expect(await ids()).not.toContain(b);
  });

  test('by DetachInstances go on running, and can be attached again', async () => {
    const ScalingGroupId = await world.group(2);
    const { InstanceId } = (await world.members(ScalingGroupId))[0]!;
    const InstanceIds = [InstanceId];
    await world.ess('DetachInstances', { ScalingGroupId, InstanceIds });
    await world.passes(10);
    const { Instances } = (await world.call('ecs', 'DescribeInstances', {
      InstanceIds: JSON.stringify(InstanceIds),
    })) as { Instances: { Instance: { Status: string }[] } };
    expect(Instances.Instance).toMatchObject([{ Status: 'Running' }]);
    expect(await codeOf(world.ess('EnterStandby', { ScalingGroupId, InstanceIds }))).toBe(
      'InvalidInstanceId.NotFound',
    );
    await world.ess('AttachInstances', { ScalingGroupId, InstanceIds });
    await world.passes(10);
    expect(await world.members(ScalingGroupId)).toContainEqual(
      expect.objectContaining({ InstanceId, CreationType: 'Attached', LifecycleState: 'InService' }),
    );
    expect(await codeOf(world.ess('AttachInstances', { ScalingGroupId, InstanceIds }))).toBe(
      'InvalidInstanceId.InUse',
    );
    // What was attached is removed without being released.
    await world.ess('RemoveInstances', { ScalingGroupId, InstanceIds });
    await world.passes(10);
    expect(
      await world.call('ecs', 'DescribeInstances', { InstanceIds: JSON.stringify(InstanceIds) }),
    ).toMatchObject({ TotalCount: 1 });
  });
});

test('a protected instance, and one in standby, outlive a scale-in and bad health', async () => {
  const ScalingGroupId = await world.group(3);
  const [a, b] = (await world.members(ScalingGroupId)).map(({ InstanceId }) => InstanceId) as [
    string,
    string,
  ];
  await world.ess('SetInstancesProtection', {
    ...{ ScalingGroupId, InstanceIds: [a], ProtectedFromScaleIn: true },
  });
  await world.ess('EnterStandby', { ScalingGroupId, InstanceIds: [b], ClientToken: 'x' });
  await world.ess('EnterStandby', { ScalingGroupId, InstanceIds: [b], ClientToken: 'x' });
  for (const InstanceId of [a, b])
    await world.ess('SetInstanceHealth', { InstanceId, HealthStatus: 'Unhealthy' });
  await world.ess('ModifyScalingGroup', { ScalingGroupId, DesiredCapacity: 1 });
  await world.passes(60);
  expect(await world.groupOf(ScalingGroupId)).toMatchObject({
    TotalCapacity: 2,
    ProtectedCapacity: 1,
    StandbyCapacity: 1,
    ActiveCapacity: 0,
  });
});

describe('lifecycle hooks', () => {
  const minutes = 60;

  async function waiting(ScalingGroupId: string): Promise<Record<string, string>[]> {
    const { ScalingActivities } = (await world.ess('DescribeScalingActivities', {
      ...{ ScalingGroupId, StatusCode: 'InProgress' },
    })) as { ScalingActivities: { ScalingActivityId: string }[] };
    const all: Record<string, string>[] = [];
    for (const { ScalingActivityId } of ScalingActivities)
      all.push(
        ...((await world.ess('DescribeLifecycleActions', { ScalingActivityId })).LifecycleActions as []),
      );
    return all;
  }
  const states = async (group: string) =>
    (await world.members(group)).map(({ LifecycleState }) => LifecycleState).sort();

  async function hooked(LifecycleTransition: string, more: Record<string, unknown> = {}): Promise<string> {
    const ScalingGroupId = await world.group(1);
    await world.ess('CreateLifecycleHook', {
      ...{ ScalingGroupId, LifecycleTransition, LifecycleHookName: 'work', HeartbeatTimeout: 120 },
      ...more,
    });
    const DesiredCapacity = LifecycleTransition === 'SCALE_OUT' ? 2 : 0;
    await world.ess('ModifyScalingGroup', { ScalingGroupId, DesiredCapacity });
    await world.passes(5);
    return ScalingGroupId;
  }

  const complete = (action: Record<string, string>, LifecycleActionResult: string) =>
    world.ess('CompleteLifecycleAction', {
      LifecycleHookId: action.LifecycleHookId,
      LifecycleActionToken: action.LifecycleActionToken,
      LifecycleActionResult,
    });

  test('hold an instance until they are completed by their token', async () => {
    const group = await hooked('SCALE_OUT');
    expect(await states(group)).toEqual(['InService', 'Pending:Wait']);
    const [action] = (await waiting(group)) as [Record<string, string>];
    expect(action).toMatchObject({ LifecycleActionStatus: 'Pending', LifecycleActionResult: 'CONTINUE' });
    await complete(action, 'CONTINUE');
    expect(await states(group)).toEqual(['InService', 'InService']);
    expect(await codeOf(complete(action, 'CONTINUE'))).toBe('InvalidLifecycleActionToken.NotFound');
  });

  test('go on by their default when nobody answers, later with a heartbeat', async () => {
    const group = await hooked('SCALE_OUT');
    await world.passes(100);
    const [action] = (await waiting(group)) as [Record<string, string>];
    await world.ess('RecordLifecycleActionHeartbeat', {
      lifecycleHookId: action.LifecycleHookId,
      lifecycleActionToken: action.LifecycleActionToken,
      heartbeatTimeout: 5 * minutes,
    });
    await world.passes(4 * minutes);
    expect(await states(group)).toContain('Pending:Wait');
    await world.passes(minutes);
    expect(await states(group)).toEqual(['InService', 'InService']);
  });

  test('undo a launch that is abandoned; another one is tried later, not at once', async () => {
    const group = await hooked('SCALE_OUT');
    const [action] = (await waiting(group)) as [Record<string, string>];
    await complete(action, 'ABANDON');
    await world.passes(5);
    expect(await states(group)).toEqual(['InService']);
    const { ScalingActivities } = await world.ess('DescribeScalingActivities', {
      ...{ ScalingGroupId: group, StatusCode: 'Failed' },
    });
    expect(ScalingActivities).toEqual([expect.objectContaining({ ErrorCode: 'LifecycleHookAbandoned' })]);
    await world.passes(60);
    expect(await states(group)).toEqual(['InService', 'Pending:Wait']);
  });

  test('hold a removal, which ROLLBACK calls back', async () => {
    const group = await hooked('SCALE_IN');
    expect(await states(group)).toEqual(['Removing:Wait']);
    await world.ess('ModifyScalingGroup', { ScalingGroupId: group, DesiredCapacity: 0 });
    const [action] = (await waiting(group)) as [Record<string, string>];
    const { engine } = world.cloud;
    await world.ess('SuspendProcesses', { ScalingGroupId: group, Processes: ['ScaleIn'] });
    await complete(action, 'ROLLBACK');
    expect(await states(group)).toEqual(['InService']);
    await world.ess('ResumeProcesses', { ScalingGroupId: group, Processes: ['ScaleIn'] });
    engine.settle();
    await world.passes(3 * minutes);
    expect(await states(group)).toEqual([]);
  });

  test('are shown, changed and deleted, which lets go of what they hold', async () => {
    const group = await hooked('SCALE_IN', { DefaultResult: 'ABANDON', NotificationMetadata: 'x' });
    const list = () => world.ess('DescribeLifecycleHooks', { ScalingGroupId: group });
    const [hook] = (await list()).LifecycleHooks as [Record<string, string>];
    expect(hook).toMatchObject({
      LifecycleHookName: 'work',
      HeartbeatTimeout: 120,
      DefaultResult: 'ABANDON',
      NotificationMetadata: 'x',
    });
    const { LifecycleHookId } = hook;
    const modify = (HeartbeatTimeout: number) =>
      world.ess('ModifyLifecycleHook', { LifecycleHookId, HeartbeatTimeout });
    await modify(60);
    expect(await codeOf(modify(29))).toBe('InvalidParameter.HeartbeatTimeout');
    expect((await list()).LifecycleHooks).toMatchObject([{ HeartbeatTimeout: 60 }]);
    await world.ess('DeleteLifecycleHook', { LifecycleHookId });
    expect((await list()).TotalCount).toBe(0);
    await world.passes(5);
    expect(await states(group)).toEqual([]);
  });

  test('hold what a refresh takes out, and it waits for them', async () => {
    const group = await world.group(2);
    await world.ess('CreateLifecycleHook', {
      ...{ ScalingGroupId: group, LifecycleTransition: 'SCALE_IN', HeartbeatTimeout: 30 },
    });
    await world.start(group, { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 });
    await world.passes(5);
    expect(await states(group)).toContain('Removing:Wait');
    for (let n = 0; n < 12; n++) await world.passes(10);
    expect((await world.refresh(group)).Status).toBe('Successful');
    expect(await states(group)).toEqual(['InService', 'InService']);
  });
});
