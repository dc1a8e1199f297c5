import {
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  BatchDeleteScheduledActionCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteNotificationConfigurationCommand,
  DeletePolicyCommand,
  DeleteScheduledActionCommand,
  DeleteWarmPoolCommand,
  DescribeAdjustmentTypesCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingNotificationTypesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeLoadBalancersCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  DescribeTrafficSourcesCommand,
  DescribeWarmPoolCommand,
  DetachLoadBalancerTargetGroupsCommand,
  ExecutePolicyCommand,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  PutWarmPoolCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installAutoScaling } from '../../../src/localcloud/engine/autoscaling/index.ts';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { installCloudWatch } from '../../../src/localcloud/engine/cloudwatch/index.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../../src/localcloud/engine/ec2/index.ts';
import { createTemplate } from '../../../src/localcloud/engine/ec2/template-changes.ts';
import { createTargetGroup } from '../../../src/localcloud/engine/elb/target-groups.ts';
import { autoScalingService } from '../../../src/localcloud/wire/autoscaling/index.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const clock = new VirtualClock();
let cloud: TestCloud;
let client: AutoScalingClient;
let templateId: string;
const name = { AutoScalingGroupName: 'workers' };

beforeEach(async () => {
  cloud = await startCloud({
    clock,
    services: (engine) => {
      installEc2(engine);
      installAutoScaling(engine);
      installCloudWatch(engine);
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

const targetGroup = () =>
  createTargetGroup(cloud.engine, {
    name: 'web',
    protocol: 'HTTP',
    port: 80,
    targetType: 'instance',
    healthCheck: {},
    tags: {},
  }).arn;

async function create(rest: Partial<CreateAutoScalingGroupCommandInput> = {}) {
  await client.send(
    new CreateAutoScalingGroupCommand({
      ...name,
      MinSize: 0,
      MaxSize: 4,
      AvailabilityZones: ['eu-central-1a'],
      LaunchTemplate: { LaunchTemplateName: 'worker', Version: '1' },
      ...rest,
    }),
  );
}

const describeGroup = async () =>
  (await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['workers'] })))
    .AutoScalingGroups?.[0];

/** Everything that CreateAutoScalingGroup takes and DescribeAutoScalingGroups gives back under the same name. */
const kept = (): Partial<CreateAutoScalingGroupCommandInput> => ({
  MinSize: 0,
  MaxSize: 5,
  DesiredCapacity: 0,
  DefaultCooldown: 120,
  AvailabilityZones: ['eu-central-1a', 'eu-central-1c'],
  TargetGroupARNs: [targetGroup()],
  HealthCheckType: 'EC2,ELB',
  HealthCheckGracePeriod: 90,
  PlacementGroup: 'together',
  TerminationPolicies: ['OldestInstance', 'arn:aws:lambda:eu-central-1:000000000000:function:choose'],
  NewInstancesProtectedFromScaleIn: true,
  CapacityRebalance: true,
  MaxInstanceLifetime: 864_000,
  Context: 'reserved',
  DesiredCapacityType: 'units',
  DefaultInstanceWarmup: 45,
  InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 },
  AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-only' },
  AvailabilityZoneImpairmentPolicy: {
    ZonalShiftEnabled: true,
    ImpairedZoneHealthCheckBehavior: 'IgnoreUnhealthy',
  },
  CapacityReservationSpecification: {
    CapacityReservationPreference: 'capacity-reservations-first',
    CapacityReservationTarget: { CapacityReservationIds: ['cr-0123456789abcdef0'] },
  },
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
  DeletionProtection: 'prevent-force-deletion',
  ServiceLinkedRoleARN: 'arn:aws:iam::000000000000:role/aws-service-role/other',
});

describe('a group', () => {
  it('is described with every field that it was created with', async () => {
    const fields = kept();
    await create({ ...fields, SkipZonalShiftValidation: true });
    const group = await describeGroup();
    expect(group).toMatchObject(fields);
    expect(group?.AvailabilityZoneIds).toEqual(['euc1-az1', 'euc1-az3']);
    expect(group?.TrafficSources).toEqual([{ Identifier: fields.TargetGroupARNs?.[0], Type: 'elbv2' }]);
  });

  it('may be told its zones by their ids, and its traffic sources instead of target groups', async () => {
    const arn = targetGroup();
    await create({
      AvailabilityZones: undefined,
      AvailabilityZoneIds: ['euc1-az2'],
      TrafficSources: [{ Identifier: arn, Type: 'elbv2' }],
    });
    expect(await describeGroup()).toMatchObject({
      AvailabilityZones: ['eu-central-1b'],
      TargetGroupARNs: [arn],
    });
  });

  it('keeps a mixed instances policy whole, through an update too', async () => {
    const policy = {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateName: 'worker', Version: '1' },
        Overrides: [
          { InstanceType: 't3.small' as const, WeightedCapacity: '1', ImageId: baseImageId(cloud.engine) },
          {
            InstanceType: 't3.large' as const,
            WeightedCapacity: '4',
            LaunchTemplateSpecification: { LaunchTemplateId: templateId, Version: '$Latest' },
          },
        ],
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: 1,
        OnDemandPercentageAboveBaseCapacity: 25,
        SpotAllocationStrategy: 'price-capacity-optimized',
        SpotMaxPrice: '0.05',
      },
    };
    await create({ LaunchTemplate: undefined, MixedInstancesPolicy: policy });
    await client.send(
      new UpdateAutoScalingGroupCommand({
        ...name,
        MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 2 } },
      }),
    );
    const group = await describeGroup();
    expect(group?.LaunchTemplate).toBeUndefined();
    expect(group?.MixedInstancesPolicy).toMatchObject({
      ...policy,
      InstancesDistribution: { ...policy.InstancesDistribution, OnDemandBaseCapacity: 2 },
    });
    const wanted = { ...policy, InstancesDistribution: { OnDemandBaseCapacity: 3 } };
    await client.send(
      new StartInstanceRefreshCommand({ ...name, DesiredConfiguration: { MixedInstancesPolicy: wanted } }),
    );
    const { InstanceRefreshes } = await client.send(new DescribeInstanceRefreshesCommand(name));
    expect(InstanceRefreshes?.[0]?.DesiredConfiguration?.MixedInstancesPolicy).toMatchObject(wanted);
  });

  it('shows the hooks that it was created with', async () => {
    const hook = {
      LifecycleHookName: 'drain',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      NotificationMetadata: 'release 7',
      HeartbeatTimeout: 600,
      DefaultResult: 'CONTINUE',
      NotificationTargetARN: 'arn:aws:sns:eu-central-1:000000000000:hooks',
      RoleARN: 'arn:aws:iam::000000000000:role/hooks',
    };
    await create({ LifecycleHookSpecificationList: [hook] });
    const { LifecycleHooks } = await client.send(new DescribeLifecycleHooksCommand(name));
    expect(LifecycleHooks).toEqual([{ ...hook, ...name, GlobalTimeout: 60_000 }]);
  });
});

describe('what belongs to a group', () => {
  const math = {
    Metrics: [
      {
        Id: 'visible',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
          },
          Stat: 'Average',
        },
        ReturnData: false,
      },
      { Id: 'half', Expression: 'visible / 2', Label: 'half of it' },
    ],
  };
  const policies = [
    {
      PolicyName: 'simple',
      PolicyType: 'SimpleScaling',
      AdjustmentType: 'PercentChangeInCapacity',
      ScalingAdjustment: 10,
      MinAdjustmentMagnitude: 2,
      Cooldown: 30,
    },
    {
      PolicyName: 'step',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      MetricAggregationType: 'Maximum',
      EstimatedInstanceWarmup: 60,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10.5, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 10.5, ScalingAdjustment: 2 },
      ],
    },
    {
      PolicyName: 'track',
      PolicyType: 'TargetTrackingScaling',
      Enabled: false,
      TargetTrackingConfiguration: {
        CustomizedMetricSpecification: math,
        TargetValue: 12.5,
        DisableScaleIn: true,
      },
    },
    {
      PolicyName: 'predict',
      PolicyType: 'PredictiveScaling',
      PredictiveScalingConfiguration: {
        MetricSpecifications: [
          {
            TargetValue: 40,
            PredefinedMetricPairSpecification: { PredefinedMetricType: 'ASGCPUUtilization' as const },
          },
        ],
        Mode: 'ForecastOnly' as const,
        SchedulingBufferTime: 300,
      },
    },
  ];

  it('scaling policies of every kind come back as they were put', async () => {
    await create();
    for (const policy of policies) {
      const { PolicyARN } = await client.send(new PutScalingPolicyCommand({ ...name, ...policy }));
      expect(PolicyARN).toMatch(/^arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:/);
    }
    const { ScalingPolicies } = await client.send(new DescribePoliciesCommand(name));
    expect(ScalingPolicies).toMatchObject(policies.map((policy) => ({ Enabled: true, ...policy })));
    expect(ScalingPolicies?.[2]?.Alarms).toHaveLength(1);
    await client.send(new ExecutePolicyCommand({ ...name, PolicyName: 'simple' }));
    expect((await describeGroup())?.DesiredCapacity).toBe(2);
    await client.send(new DeletePolicyCommand({ ...name, PolicyName: 'track' }));
    const left = await client.send(new DescribePoliciesCommand({ ...name, PolicyTypes: ['StepScaling'] }));
    expect(left.ScalingPolicies?.map(({ PolicyName }) => PolicyName)).toEqual(['step']);
    const types = await client.send(new DescribeAdjustmentTypesCommand({}));
    expect(types.AdjustmentTypes).toHaveLength(3);
  });

  it('scheduled actions come back with their time zone, one by one and in batches', async () => {
    await create();
    const start = new Date(clock.now() + 3_600_000);
    const action = { ScheduledActionName: 'once', StartTime: start, MinSize: 1, MaxSize: 3 };
    await client.send(new PutScheduledUpdateGroupActionCommand({ ...name, ...action }));
    const recurring = {
      ScheduledActionName: 'mornings',
      Recurrence: '0 8 * * 1-5',
      TimeZone: 'Asia/Tokyo',
      DesiredCapacity: 2,
    };
    const failed = await client.send(
      new BatchPutScheduledUpdateGroupActionCommand({
        ...name,
        ScheduledUpdateGroupActions: [
          recurring,
          { ScheduledActionName: 'past', StartTime: new Date(0), MinSize: 1 },
        ],
      }),
    );
    expect(failed.FailedScheduledUpdateGroupActions).toMatchObject([
      { ScheduledActionName: 'past', ErrorCode: 'ValidationError' },
    ]);
    const { ScheduledUpdateGroupActions } = await client.send(new DescribeScheduledActionsCommand(name));
    expect(ScheduledUpdateGroupActions).toMatchObject([action, recurring]);
    await client.send(new DeleteScheduledActionCommand({ ...name, ScheduledActionName: 'once' }));
    const ScheduledActionNames = ['mornings', 'nobody'];
    const deleted = await client.send(
      new BatchDeleteScheduledActionCommand({ ...name, ScheduledActionNames }),
    );
    expect(deleted.FailedScheduledActions).toMatchObject([{ ScheduledActionName: 'nobody' }]);
  });

  it('a warm pool, notifications and traffic sources come back as they were put', async () => {
    await create();
    const pool = {
      MaxGroupPreparedCapacity: 3,
      MinSize: 1,
      PoolState: 'Hibernated' as const,
      InstanceReusePolicy: { ReuseOnScaleIn: true },
    };
    await client.send(new PutWarmPoolCommand({ ...name, ...pool }));
    await cloud.engine.idle();
    const warm = await client.send(new DescribeWarmPoolCommand(name));
    expect(warm.WarmPoolConfiguration).toEqual(pool);
    expect(warm.Instances).toHaveLength(3);
    expect(await describeGroup()).toMatchObject({
      WarmPoolConfiguration: pool,
      WarmPoolSize: 3,
      Instances: [],
    });
    await client.send(new DeleteWarmPoolCommand({ ...name, ForceDelete: true }));

    const TopicARN = 'arn:aws:sns:eu-central-1:000000000000:ops';
    const { AutoScalingNotificationTypes: NotificationTypes } = await client.send(
      new DescribeAutoScalingNotificationTypesCommand({}),
    );
    await client.send(new PutNotificationConfigurationCommand({ ...name, TopicARN, NotificationTypes }));
    const told = await client.send(new DescribeNotificationConfigurationsCommand({}));
    expect(told.NotificationConfigurations).toHaveLength(5);
    await client.send(new DeleteNotificationConfigurationCommand({ ...name, TopicARN }));

    const arn = targetGroup();
    await client.send(
      new AttachTrafficSourcesCommand({ ...name, TrafficSources: [{ Identifier: arn, Type: 'elbv2' }] }),
    );
    const sources = await client.send(new DescribeTrafficSourcesCommand(name));
    expect(sources.TrafficSources).toMatchObject([{ Identifier: arn, Type: 'elbv2', State: 'Added' }]);
    const groups = await client.send(new DescribeLoadBalancerTargetGroupsCommand(name));
    expect(groups.LoadBalancerTargetGroups).toEqual([{ LoadBalancerTargetGroupARN: arn, State: 'Added' }]);
    await client.send(new DetachLoadBalancerTargetGroupsCommand({ ...name, TargetGroupARNs: [arn] }));
    expect((await client.send(new DescribeLoadBalancersCommand(name))).LoadBalancers).toEqual([]);
    expect((await describeGroup())?.TargetGroupARNs).toEqual([]);
  });
});
