import * as sdk from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installAutoScaling } from '../../../src/localcloud/engine/autoscaling/index.ts';
import { membersOf } from '../../../src/localcloud/engine/autoscaling/members.ts';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../../src/localcloud/engine/ec2/index.ts';
import { runInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { createTemplate } from '../../../src/localcloud/engine/ec2/template-changes.ts';
import { createTargetGroup } from '../../../src/localcloud/engine/elb/target-groups.ts';
import type { Engine } from '../../../src/localcloud/engine/engine.ts';
import { autoScalingService } from '../../../src/localcloud/wire/autoscaling/index.ts';
import type { Operation } from '../../../src/localcloud/wire/service.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { strangeParts } from '../../helpers/sdk-schema.ts';

// One call of every operation there is, by Amazon's own client, in an order in which each has something to work on. What the
// operations answer is held against the client's own schemas: no element that it does not know, none of another type.

const clock = new VirtualClock();
const answers = new Map<string, unknown>();
let cloud: TestCloud;
let client: sdk.AutoScalingClient;
let targetGroup: string;
let outsider: string;

beforeAll(async () => {
  cloud = await startCloud({
    clock,
    services: (engine) => {
      installEc2(engine);
      installAutoScaling(engine);
      const service = autoScalingService();
      const form = service.form as NonNullable<typeof service.form>;
      const noted = Object.entries(form.operations).map(([name, operation]) => [
        name,
        noting(name, operation),
      ]);
      return [{ ...service, form: { ...form, operations: Object.fromEntries(noted) } }];
    },
  });
  client = new sdk.AutoScalingClient(cloud.client);
  const { engine } = cloud;
  const data = { ImageId: baseImageId(engine), InstanceType: 't3.micro' };
  createTemplate(engine, { name: 'worker', data, tags: {}, createdBy: 'test' });
  targetGroup = createTargetGroup(engine, {
    name: 'web',
    protocol: 'HTTP',
    port: 80,
    targetType: 'instance',
    healthCheck: {},
    tags: {},
  }).arn;
  const [instance] = runInstances(engine, { imageId: baseImageId(engine), instanceType: 't3.micro' }, 1);
  outsider = instance?.instanceId as string;
});

afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const noting =
  (name: string, operation: Operation): Operation =>
  async (input, context) => {
    const answer = await operation(input, context);
    answers.set(name, answer);
    return answer;
  };

const group = { AutoScalingGroupName: 'workers' };
const template = { LaunchTemplateName: 'worker', Version: '1' };
const inService = (engine: Engine, at = 0) =>
  membersOf(engine, 'workers').filter(({ state }) => state === 'InService')[at]?.instanceId as string;
const hook = { ...group, LifecycleHookName: 'ready' };

type Step = [string, ((engine: Engine) => object)?];

const STEPS: Step[] = [
  [
    'CreateAutoScalingGroup',
    () => ({
      ...group,
      MinSize: 0,
      MaxSize: 6,
      DesiredCapacity: 2,
      AvailabilityZones: ['eu-central-1a', 'eu-central-1b'],
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: template,
          Overrides: [{ InstanceType: 't3.micro', WeightedCapacity: '1' }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1 },
      },
      InstanceMaintenancePolicy: { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 },
      CapacityRebalance: true,
      Tags: [{ Key: 'project', Value: 'walk', PropagateAtLaunch: true }],
    }),
  ],
  [
    'AttachTrafficSources',
    () => ({ ...group, TrafficSources: [{ Identifier: targetGroup, Type: 'elbv2' }] }),
  ],
  ['DescribeTrafficSources', () => group],
  ['DescribeLoadBalancerTargetGroups', () => group],
  ['DescribeLoadBalancers', () => group],
  [
    'DetachTrafficSources',
    () => ({ ...group, TrafficSources: [{ Identifier: targetGroup, Type: 'elbv2' }] }),
  ],
  ['AttachLoadBalancerTargetGroups', () => ({ ...group, TargetGroupARNs: [targetGroup] })],
  ['EnableMetricsCollection', () => ({ ...group, Granularity: '1Minute' })],
  ['SuspendProcesses', () => ({ ...group, ScalingProcesses: ['AZRebalance'] })],
  [
    'PutNotificationConfiguration',
    () => ({
      ...group,
      TopicARN: 'arn:aws:sns:eu-central-1:000000000000:ops',
      NotificationTypes: ['autoscaling:EC2_INSTANCE_LAUNCH'],
    }),
  ],
  ['DescribeNotificationConfigurations'],
  [
    'DeleteNotificationConfiguration',
    () => ({ ...group, TopicARN: 'arn:aws:sns:eu-central-1:000000000000:ops' }),
  ],
  ['DescribeAutoScalingNotificationTypes'],
  ['PutWarmPool', () => ({ ...group, MaxGroupPreparedCapacity: 3 })],
  ['DescribeWarmPool', () => group],
  ['DescribeAutoScalingGroups'],
  ['DescribeAutoScalingInstances'],
  ['DescribeScalingActivities', () => group],
  ['DeleteWarmPool', () => ({ ...group, ForceDelete: true })],
  ['DetachLoadBalancerTargetGroups', () => ({ ...group, TargetGroupARNs: [targetGroup] })],
  ['DisableMetricsCollection', () => group],
  ['ResumeProcesses', () => group],
  ['UpdateAutoScalingGroup', () => ({ ...group, MaxSize: 8 })],
  ['CreateOrUpdateTags', () => ({ Tags: [tag] })],
  ['DescribeTags'],
  ['DeleteTags', () => ({ Tags: [tag] })],
  [
    'PutScalingPolicy',
    () => ({
      ...group,
      PolicyName: 'up',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    }),
  ],
  ['DescribePolicies', () => group],
  ['ExecutePolicy', () => ({ ...group, PolicyName: 'up', MetricValue: 2, BreachThreshold: 1 })],
  ['DeletePolicy', () => ({ ...group, PolicyName: 'up' })],
  ['DescribeAdjustmentTypes'],
  [
    'PutScheduledUpdateGroupAction',
    () => ({
      ...group,
      ScheduledActionName: 'night',
      Recurrence: '0 22 * * *',
      DesiredCapacity: 1,
    }),
  ],
  [
    'BatchPutScheduledUpdateGroupAction',
    () => ({
      ...group,
      ScheduledUpdateGroupActions: [{ ScheduledActionName: 'never', StartTime: new Date(0), MinSize: 1 }],
    }),
  ],
  ['DescribeScheduledActions', () => group],
  ['BatchDeleteScheduledAction', () => ({ ...group, ScheduledActionNames: ['never'] })],
  ['DeleteScheduledAction', () => ({ ...group, ScheduledActionName: 'night' })],
  ['SetDesiredCapacity', () => ({ ...group, DesiredCapacity: 3 })],
  ['AttachInstances', () => ({ ...group, InstanceIds: [outsider] })],
  [
    'DetachInstances',
    () => ({
      ...group,
      InstanceIds: [outsider],
      ShouldDecrementDesiredCapacity: true,
    }),
  ],
  [
    'SetInstanceProtection',
    (engine) => ({
      ...group,
      InstanceIds: [inService(engine)],
      ProtectedFromScaleIn: true,
    }),
  ],
  [
    'EnterStandby',
    (engine) => ({
      ...group,
      InstanceIds: [inService(engine)],
      ShouldDecrementDesiredCapacity: true,
    }),
  ],
  ['ExitStandby', (engine) => ({ ...group, InstanceIds: [standby(engine)] })],
  ['SetInstanceHealth', (engine) => ({ InstanceId: inService(engine), HealthStatus: 'Healthy' })],
  [
    'PutLifecycleHook',
    () => ({
      ...hook,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: 300,
    }),
  ],
  ['DescribeLifecycleHooks', () => group],
  ['DescribeLifecycleHookTypes'],
  [
    'TerminateInstanceInAutoScalingGroup',
    (engine) => ({
      InstanceId: inService(engine),
      ShouldDecrementDesiredCapacity: true,
    }),
  ],
  ['RecordLifecycleActionHeartbeat', (engine) => ({ ...hook, InstanceId: waiting(engine) })],
  [
    'CompleteLifecycleAction',
    (engine) => ({
      ...hook,
      InstanceId: waiting(engine),
      LifecycleActionResult: 'CONTINUE',
    }),
  ],
  ['DeleteLifecycleHook', () => hook],
  [
    'StartInstanceRefresh',
    () => ({
      ...group,
      DesiredConfiguration: { LaunchTemplate: template },
      Preferences: { CheckpointPercentages: [50], InstanceWarmup: 600 },
    }),
  ],
  ['DescribeInstanceRefreshes', () => group],
  ['RollbackInstanceRefresh', () => group],
  ['CancelInstanceRefresh', () => group],
  ['DescribeAccountLimits'],
  ['DescribeMetricCollectionTypes'],
  ['DescribeScalingProcessTypes'],
  ['DescribeTerminationPolicyTypes'],
  ['DeleteAutoScalingGroup', () => ({ ...group, ForceDelete: true })],
];

const tag = {
  ResourceId: 'workers',
  ResourceType: 'auto-scaling-group',
  Key: 'stage',
  Value: 'test',
  PropagateAtLaunch: false,
};
const stateOf = (engine: Engine, wanted: string) =>
  membersOf(engine, 'workers').find(({ state }) => state === wanted)?.instanceId as string;
const standby = (engine: Engine) => stateOf(engine, 'Standby');
const waiting = (engine: Engine) => stateOf(engine, 'Terminating:Wait');

const exported = sdk as unknown as Record<string, new (input: object) => never>;

test.each(STEPS.map(([operation, input], index) => ({ step: index + 1, operation, input })))(
  '$operation (step $step) answers what the client knows',
  async ({ operation, input }) => {
    const Command = exported[`${operation}Command`] as new (input: object) => never;
    await client.send(new Command(input?.(cloud.engine) ?? {}));
    const strange = strangeParts(exported[`${operation}$`], answers.get(operation));
    // The dialect of this service writes every list's items as `member`.
    expect(strange.filter((part) => !part.endsWith('items are called item, not member'))).toEqual([]);
    for (let second = 0; second < 10; second++) {
      await cloud.engine.idle();
      clock.advance(1_000);
    }
    await cloud.engine.idle();
  },
);

test('no operation was left out', () => {
  const all = Object.keys(autoScalingService().form?.operations ?? {});
  expect(all.filter((name) => !STEPS.some(([operation]) => operation === name))).toEqual([]);
});
