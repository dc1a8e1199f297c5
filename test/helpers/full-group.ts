import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupType,
  EnableMetricsCollectionCommand,
  type LifecycleHookSpecification,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyType,
  PutScheduledUpdateGroupActionCommand,
  type PutScheduledUpdateGroupActionType,
  PutWarmPoolCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import type { TestCloud } from './cloud.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:000000000000:scaling';
const HOUR = 3_600_000;

export interface FullGroup {
  name: string;
  /** Subnets that it launches into. */
  subnets: string[];
  template: { id: string; version: number };
  targetGroups: string[];
  /** Milliseconds since the epoch. */
  now: number;
}

type Named<T> = Omit<T, 'AutoScalingGroupName'>;

/** A group with every setting that there is (with `mixed: false` a launch template instead of a mixed instances policy). */
export const settingsOf = (full: FullGroup, { mixed = true } = {}): CreateAutoScalingGroupType => ({
  AutoScalingGroupName: full.name,
  MinSize: 1,
  MaxSize: 6,
  DesiredCapacity: 2,
  ...(mixed ? { MixedInstancesPolicy: mixedPolicy(full) } : { LaunchTemplate: specification(full) }),
  VPCZoneIdentifier: full.subnets.join(','),
  DefaultCooldown: 77,
  HealthCheckType: 'EC2,ELB',
  HealthCheckGracePeriod: 33,
  PlacementGroup: 'near',
  TerminationPolicies: ['OldestInstance', 'Default'],
  NewInstancesProtectedFromScaleIn: true,
  ServiceLinkedRoleARN:
    'arn:aws:iam::000000000000:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
  MaxInstanceLifetime: 90_000,
  CapacityRebalance: true,
  Context: 'a context',
  DesiredCapacityType: 'units',
  DefaultInstanceWarmup: 12,
  InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 },
  DeletionProtection: 'prevent-all-deletion',
  AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-only' },
  AvailabilityZoneImpairmentPolicy: {
    ZonalShiftEnabled: true,
    ImpairedZoneHealthCheckBehavior: 'IgnoreUnhealthy',
  },
  SkipZonalShiftValidation: true,
  CapacityReservationSpecification: {
    CapacityReservationPreference: 'capacity-reservations-first',
    CapacityReservationTarget: { CapacityReservationIds: ['cr-1'] },
  },
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
  TargetGroupARNs: full.targetGroups,
  TrafficSources: full.targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
  LifecycleHookSpecificationList: HOOKS,
  Tags: [
    { Key: 'team', Value: 'search', PropagateAtLaunch: true },
    { Key: 'owner', Value: 'ann', PropagateAtLaunch: false },
    { Key: 'empty', Value: '', PropagateAtLaunch: true },
    { Key: 'bake:release', Value: '1', PropagateAtLaunch: false },
    { Key: 'bake:verified-release', Value: '1', PropagateAtLaunch: false },
  ],
});

const specification = ({ template }: FullGroup) => ({
  LaunchTemplateId: template.id,
  Version: String(template.version),
});

const mixedPolicy = (full: FullGroup): CreateAutoScalingGroupType['MixedInstancesPolicy'] => ({
  LaunchTemplate: {
    LaunchTemplateSpecification: specification(full),
    Overrides: [
      { InstanceType: 't3.small', WeightedCapacity: '1', ImageId: 'ami-00000000000000001' },
      { InstanceType: 't3.micro', WeightedCapacity: '2', LaunchTemplateSpecification: specification(full) },
    ],
  },
  InstancesDistribution: {
    OnDemandAllocationStrategy: 'prioritized',
    OnDemandBaseCapacity: 1,
    OnDemandPercentageAboveBaseCapacity: 40,
    SpotAllocationStrategy: 'lowest-price',
    SpotInstancePools: 3,
    SpotMaxPrice: '0.05',
  },
});

const HOOKS: LifecycleHookSpecification[] = [
  {
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    HeartbeatTimeout: 120,
    DefaultResult: 'CONTINUE',
    NotificationMetadata: '{"why":"drain"}',
    NotificationTargetARN: 'arn:aws:sqs:eu-central-1:000000000000:notices',
    RoleARN: 'arn:aws:iam::000000000000:role/notices',
  },
  {
    LifecycleHookName: 'ready',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    HeartbeatTimeout: 30,
    DefaultResult: 'ABANDON',
  },
];

const ofGroup = (name: string) => [{ Name: 'AutoScalingGroupName', Value: name }];

/** What others' copies lose: metric math with the group's name deep inside, a disabled policy, forecasts. */
const policies = ({ name, targetGroups }: FullGroup): Named<PutScalingPolicyType>[] => [
  {
    PolicyName: 'scale-out',
    PolicyType: 'StepScaling',
    AdjustmentType: 'PercentChangeInCapacity',
    MinAdjustmentMagnitude: 2,
    MetricAggregationType: 'Maximum',
    EstimatedInstanceWarmup: 44,
    StepAdjustments: [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 50 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 100 },
    ],
  },
  {
    PolicyName: 'scale-in',
    PolicyType: 'SimpleScaling',
    AdjustmentType: 'ChangeInCapacity',
    ScalingAdjustment: -1,
    Cooldown: 90,
    Enabled: false,
  },
  {
    PolicyName: 'cpu',
    PolicyType: 'TargetTrackingScaling',
    EstimatedInstanceWarmup: 55,
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      TargetValue: 60,
      DisableScaleIn: true,
    },
  },
  {
    PolicyName: 'backlog',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      TargetValue: 100,
      DisableScaleIn: false,
      CustomizedMetricSpecification: { Metrics: backlogPerInstance(name) },
    },
  },
  {
    PolicyName: 'metric',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      TargetValue: 5,
      CustomizedMetricSpecification: {
        Namespace: 'App',
        MetricName: 'Busy',
        Dimensions: [...ofGroup(name), { Name: 'Kind', Value: 'web' }],
        Statistic: 'Average',
        Unit: 'Count',
        Period: 30,
      },
    },
  },
  {
    PolicyName: 'forecast',
    PolicyType: 'PredictiveScaling',
    PredictiveScalingConfiguration: {
      Mode: 'ForecastAndScale',
      SchedulingBufferTime: 300,
      MaxCapacityBreachBehavior: 'IncreaseMaxCapacity',
      MaxCapacityBuffer: 10,
      MetricSpecifications: [
        {
          TargetValue: 40,
          CustomizedLoadMetricSpecification: {
            MetricDataQueries: [
              {
                Id: 'load',
                Expression: `SUM(SEARCH('{AWS/EC2,AutoScalingGroupName} MetricName="CPUUtilization" AutoScalingGroupName="${name}"', 'Sum', 300))`,
                ReturnData: true,
              },
            ],
          },
        },
      ],
    },
  },
  ...targetGroups.slice(0, 1).map((arn) => ({
    PolicyName: 'requests',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget' as const,
        ResourceLabel: `app/web/0123456789abcdef/${arn.split(':').at(-1)}`,
      },
      TargetValue: 1_000,
    },
  })),
];

const backlogPerInstance = (name: string) => [
  {
    Id: 'queue',
    MetricStat: {
      Metric: {
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
      },
      Stat: 'Sum',
      Unit: 'Count' as const,
    },
    ReturnData: false,
  },
  {
    Id: 'instances',
    MetricStat: {
      Metric: {
        Namespace: 'AWS/AutoScaling',
        MetricName: 'GroupInServiceInstances',
        Dimensions: ofGroup(name),
      },
      Stat: 'Average',
    },
    ReturnData: false,
  },
  { Id: 'result', Expression: 'queue / instances', Label: 'backlog per instance', ReturnData: true },
];

/** `arns`: of the policies, by name. Another group's policy hears of it too. */
const alarms = ({ name }: FullGroup, arns: Map<string, string>): PutMetricAlarmInput[] => [
  {
    AlarmName: `${name}-backlog-high`,
    AlarmDescription: 'too much to do',
    ActionsEnabled: true,
    AlarmActions: [arns.get('scale-out')!, TOPIC, policyOf('another')],
    OKActions: [TOPIC],
    InsufficientDataActions: [TOPIC],
    Metrics: backlogPerInstance(name).map((query) =>
      query.MetricStat ? { ...query, MetricStat: { ...query.MetricStat, Period: 60 } } : query,
    ),
    EvaluationPeriods: 5,
    DatapointsToAlarm: 3,
    Threshold: 100,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    Tags: [
      { Key: 'team', Value: 'search' },
      { Key: 'bake:run', Value: 'old' },
    ],
  },
  {
    AlarmName: 'idle',
    ActionsEnabled: false,
    AlarmActions: [arns.get('scale-in')!],
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Dimensions: ofGroup(name),
    ExtendedStatistic: 'p90',
    Unit: 'Percent',
    Period: 60,
    EvaluationPeriods: 15,
    Threshold: 10,
    ComparisonOperator: 'LessThanThreshold',
    EvaluateLowSampleCountPercentile: 'ignore',
    EvaluationWindow: { WallClockWindow: { Timezone: 'Europe/Berlin' } },
    WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5, OnlyStartEvaluatingAfterWarmUpPeriodEnds: true },
    ActionConfiguration: { AlarmTagsPropagation: { Enabled: true } },
  },
];

const policyOf = (group: string) =>
  `arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:1:autoScalingGroupName/${group}:policyName/out`;

const schedules = ({ now }: FullGroup): Named<PutScheduledUpdateGroupActionType>[] => [
  {
    ScheduledActionName: 'morning',
    Recurrence: '0 8 * * 1-5',
    TimeZone: 'Asia/Tokyo',
    MinSize: 2,
    MaxSize: 8,
    DesiredCapacity: 4,
  },
  { ScheduledActionName: 'evening', Recurrence: '0 20 * * *', TimeZone: 'Europe/Berlin', MinSize: 0 },
  {
    ScheduledActionName: 'sale',
    StartTime: new Date(Math.floor(now / 1_000) * 1_000 + 48 * HOUR),
    EndTime: new Date(Math.floor(now / 1_000) * 1_000 + 96 * HOUR),
    DesiredCapacity: 6,
  },
];

/** Makes it, with all that belongs to it. */
export async function makeFullGroup(
  { client: config }: Pick<TestCloud, 'client'>,
  full: FullGroup,
  options: { mixed?: boolean; warmPool?: boolean } = {},
): Promise<void> {
  const client = new AutoScalingClient(config);
  const watch = new CloudWatchClient(config);
  const AutoScalingGroupName = full.name;
  await client.send(new CreateAutoScalingGroupCommand(settingsOf(full, options)));
  const arns = new Map<string, string>();
  for (const policy of policies(full)) {
    const put = new PutScalingPolicyCommand({ AutoScalingGroupName, ...policy });
    arns.set(policy.PolicyName!, (await client.send(put)).PolicyARN!);
  }
  for (const alarm of alarms(full, arns)) await watch.send(new PutMetricAlarmCommand(alarm));
  for (const schedule of schedules(full)) {
    await client.send(new PutScheduledUpdateGroupActionCommand({ AutoScalingGroupName, ...schedule }));
  }
  const NotificationTypes = ['autoscaling:EC2_INSTANCE_LAUNCH', 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR'];
  for (const TopicARN of [TOPIC, `${TOPIC}-more`]) {
    const query = { AutoScalingGroupName, TopicARN, NotificationTypes };
    await client.send(new PutNotificationConfigurationCommand(query));
  }
  const Metrics = ['GroupDesiredCapacity', 'GroupInServiceInstances'];
  await client.send(
    new EnableMetricsCollectionCommand({ AutoScalingGroupName, Metrics, Granularity: '1Minute' }),
  );
  if (options.warmPool ?? options.mixed === false) {
    const pool = {
      MaxGroupPreparedCapacity: 4,
      MinSize: 1,
      PoolState: 'Stopped' as const,
      InstanceReusePolicy: { ReuseOnScaleIn: true },
    };
    await client.send(new PutWarmPoolCommand({ AutoScalingGroupName, ...pool }));
  }
  const ScalingProcesses = ['ReplaceUnhealthy', 'AZRebalance'];
  await client.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
  client.destroy();
  watch.destroy();
}
