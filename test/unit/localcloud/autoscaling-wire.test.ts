import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteTagsCommand,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingProcessTypesCommand,
  DescribeTagsCommand,
  EnableMetricsCollectionCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installAutoScaling } from '../../../src/localcloud/engine/autoscaling/index.ts';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../../src/localcloud/engine/ec2/index.ts';
import { subnets } from '../../../src/localcloud/engine/ec2/network.ts';
import { createTemplate } from '../../../src/localcloud/engine/ec2/template-changes.ts';
import { autoScalingService } from '../../../src/localcloud/wire/autoscaling/index.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const clock = new VirtualClock();
let cloud: TestCloud;
let client: AutoScalingClient;
let templateId: string;

beforeEach(async () => {
  cloud = await startCloud({
    clock,
    services: (engine) => {
      installEc2(engine);
      installAutoScaling(engine);
      return [autoScalingService()];
    },
  });
  client = new AutoScalingClient(cloud.client);
  const data = { ImageId: baseImageId(cloud.engine), InstanceType: 't3.micro' };
  templateId = createTemplate(cloud.engine, { name: 'worker', data, tags: {}, createdBy: 'test' }).templateId;
});

afterEach(async () => {
  client.destroy();
  await cloud.close();
});

async function pass(seconds: number) {
  for (let passed = 0; passed < seconds; passed++) {
    await cloud.engine.idle();
    clock.advance(1_000);
  }
  await cloud.engine.idle();
}

async function createGroup(name = 'workers') {
  const [a, b] = subnets(cloud.engine).all();
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 1,
      MaxSize: 4,
      DesiredCapacity: 2,
      LaunchTemplate: { LaunchTemplateId: templateId, Version: '1' },
      VPCZoneIdentifier: `${a?.subnetId},${b?.subnetId}`,
      HealthCheckGracePeriod: 60,
      DefaultInstanceWarmup: 30,
      MaxInstanceLifetime: 864_000,
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
      Tags: [{ Key: 'project', Value: 'quick & <start>', PropagateAtLaunch: true }],
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: 'ready',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          HeartbeatTimeout: 30,
          DefaultResult: 'CONTINUE',
        },
      ],
    }),
  );
  await pass(60);
}

const describe = async (name = 'workers') =>
  (await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })))
    .AutoScalingGroups?.[0];

it('a group is described as it was created', async () => {
  await createGroup();
  const group = await describe();
  const [a, b] = subnets(cloud.engine).all();
  expect(group).toMatchObject({
    AutoScalingGroupName: 'workers',
    AutoScalingGroupARN: expect.stringMatching(
      /^arn:aws:autoscaling:eu-central-1:000000000000:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/workers$/,
    ),
    LaunchTemplate: { LaunchTemplateId: templateId, LaunchTemplateName: 'worker', Version: '1' },
    MinSize: 1,
    MaxSize: 4,
    DesiredCapacity: 2,
    DefaultCooldown: 300,
    AvailabilityZones: ['eu-central-1a', 'eu-central-1b'],
    VPCZoneIdentifier: `${a?.subnetId},${b?.subnetId}`,
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 60,
    DefaultInstanceWarmup: 30,
    MaxInstanceLifetime: 864_000,
    InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
    CreatedTime: expect.any(Date),
    Tags: [
      {
        ResourceId: 'workers',
        ResourceType: 'auto-scaling-group',
        Key: 'project',
        Value: 'quick & <start>',
        PropagateAtLaunch: true,
      },
    ],
  });
  expect(group?.Status).toBeUndefined();
  expect(
    group?.Instances?.map(({ LifecycleState, HealthStatus }) => `${LifecycleState} ${HealthStatus}`),
  ).toEqual(['InService Healthy', 'InService Healthy']);
  const { LifecycleHooks } = await client.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'workers' }),
  );
  expect(LifecycleHooks).toMatchObject([
    { HeartbeatTimeout: 30, GlobalTimeout: 3000, DefaultResult: 'CONTINUE' },
  ]);
});

it('a refresh is started, described with its defaults, and cancelled', async () => {
  await createGroup();
  const { InstanceRefreshId } = await client.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: 'workers',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: 'worker', Version: '1' } },
      Preferences: { CheckpointPercentages: [50, 100] },
    }),
  );
  await pass(5);
  const { InstanceRefreshes } = await client.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'workers' }),
  );
  expect(InstanceRefreshes).toMatchObject([
    {
      InstanceRefreshId,
      AutoScalingGroupName: 'workers',
      Status: 'InProgress',
      StatusReason: expect.stringContaining('Waiting for'),
      PercentageComplete: 0,
      InstancesToUpdate: 1,
      StartTime: expect.any(Date),
      Strategy: 'Rolling',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: templateId, Version: '1' } },
      Preferences: {
        MinHealthyPercentage: 100,
        MaxHealthyPercentage: 110,
        InstanceWarmup: 30,
        CheckpointPercentages: [50, 100],
        CheckpointDelay: 3600,
        SkipMatching: false,
        AutoRollback: false,
        ScaleInProtectedInstances: 'Wait',
        StandbyInstances: 'Wait',
      },
    },
  ]);
  await client.send(
    new CancelInstanceRefreshCommand({
      AutoScalingGroupName: 'workers',
      WaitForTransitioningInstances: false,
    }),
  );
  const after = await client.send(
    new DescribeInstanceRefreshesCommand({
      AutoScalingGroupName: 'workers',
      InstanceRefreshIds: [InstanceRefreshId as string],
    }),
  );
  expect(after.InstanceRefreshes).toMatchObject([{ Status: 'Cancelled', EndTime: expect.any(Date) }]);
});

it('errors come with the names that the SDK knows', async () => {
  await createGroup();
  const start = () => client.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: 'workers' }));
  await start();
  await expect(start()).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault' });
  await expect(createGroup()).rejects.toMatchObject({ name: 'AlreadyExistsFault' });
  await expect(
    client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'workers' })),
  ).rejects.toMatchObject({ name: 'ResourceInUseFault' });
  await expect(
    client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'nobody', MaxSize: 3 })),
  ).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'AutoScalingGroup name not found - AutoScalingGroup nobody not found',
  });
  expect(await describe('nobody')).toBeUndefined();
});

it('pages and filters lists of groups and tags', async () => {
  for (const name of ['one', 'two', 'three']) await createGroup(name);
  const first = await client.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 2 }));
  const rest = await client.send(new DescribeAutoScalingGroupsCommand({ NextToken: first.NextToken }));
  expect([first.AutoScalingGroups?.length, rest.AutoScalingGroups?.length]).toEqual([2, 1]);
  const tag = { ResourceId: 'two', ResourceType: 'auto-scaling-group', Key: 'team' };
  await client.send(
    new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: 'red', PropagateAtLaunch: false }] }),
  );
  const byTag = () =>
    client.send(
      new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag:team', Values: ['red', 'blue'] }] }),
    );
  expect((await byTag()).AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(['two']);
  const tags = await client.send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['team'] }] }));
  expect(tags.Tags).toEqual([{ ...tag, Value: 'red', PropagateAtLaunch: false }]);
  await client.send(new DeleteTagsCommand({ Tags: [tag] }));
  expect((await byTag()).AutoScalingGroups).toEqual([]);
});

it('instances are protected, put aside, taken back and ended', async () => {
  await createGroup();
  const group = await describe();
  const id = group?.Instances?.[0]?.InstanceId as string;
  const on = { AutoScalingGroupName: 'workers', InstanceIds: [id] };
  await client.send(new SetInstanceProtectionCommand({ ...on, ProtectedFromScaleIn: true }));
  const entered = await client.send(new EnterStandbyCommand({ ...on, ShouldDecrementDesiredCapacity: true }));
  expect(entered.Activities).toMatchObject([
    { Description: `Moving EC2 instance to Standby: ${id}`, StatusCode: 'Successful', Progress: 100 },
  ]);
  const inStandby = await client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }));
  expect(inStandby.AutoScalingInstances).toMatchObject([
    {
      LifecycleState: 'Standby',
      HealthStatus: 'HEALTHY',
      ProtectedFromScaleIn: true,
      AutoScalingGroupName: 'workers',
    },
  ]);
  await client.send(new ExitStandbyCommand(on));
  await pass(60);
  const ended = await client.send(
    new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: true }),
  );
  expect(ended.Activity).toMatchObject({
    StatusCode: 'InProgress',
    Description: `Terminating EC2 instance: ${id}`,
  });
  await pass(5);
  expect((await describe())?.DesiredCapacity).toBe(1);
  const { Activities } = await client.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'workers' }),
  );
  expect(Activities?.[0]).toMatchObject({ ActivityId: ended.Activity?.ActivityId, StatusCode: 'Successful' });
});

it('processes and metrics are switched and listed', async () => {
  await createGroup();
  const on = { AutoScalingGroupName: 'workers' };
  await client.send(
    new SuspendProcessesCommand({ ...on, ScalingProcesses: ['InstanceRefresh', 'AZRebalance'] }),
  );
  await client.send(new EnableMetricsCollectionCommand({ ...on, Granularity: '1Minute' }));
  const group = await describe();
  expect(group?.SuspendedProcesses).toEqual([
    { ProcessName: 'InstanceRefresh', SuspensionReason: expect.stringMatching(/^User suspended at 20.*Z$/) },
    { ProcessName: 'AZRebalance', SuspensionReason: expect.stringMatching(/^User suspended at 20.*Z$/) },
  ]);
  expect(group?.EnabledMetrics).toContainEqual({ Metric: 'GroupInServiceInstances', Granularity: '1Minute' });
  await expect(
    client.send(new SuspendProcessesCommand({ ...on, ScalingProcesses: ['Sleep'] })),
  ).rejects.toMatchObject({ name: 'ValidationError' });
  const { Processes } = await client.send(new DescribeScalingProcessTypesCommand({}));
  expect(Processes).toContainEqual({ ProcessName: 'InstanceRefresh' });
  expect(await client.send(new DescribeAccountLimitsCommand({}))).toMatchObject({
    NumberOfAutoScalingGroups: 1,
  });
});
