import type {
  AutoScalingGroup,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from 'vitest';
import { differencesBetween } from '../../src/clouds/aws/copies-compare.ts';
import { creationFor, refuseOperated, trafficFor } from '../../src/clouds/aws/copies-group.ts';
import { alarmNameFor, renamed } from '../../src/clouds/aws/copies-names.ts';
import { madeParts, meantParts } from '../../src/clouds/aws/copies-parts.ts';
import type { WholeGroup } from '../../src/clouds/aws/copies-read.ts';
import { isOver, policyFor, scheduleFor } from '../../src/clouds/aws/copies-scaling.ts';
import { pointedAt } from '../../src/clouds/aws/group-template.ts';

const to = { name: 'web-green', template: { id: 'lt-1', version: 7 }, tags: {}, traffic: false };
const renaming = { from: 'web', to };
const NOW = Date.UTC(2026, 10, 21);
const hours = (count: number) => new Date(NOW + count * 3_600_000);

const creationOf = (group: Partial<AutoScalingGroup>) => {
  const whole = { hooks: [], policies: [], alarms: [], schedules: [], notifications: [] };
  const base = { AutoScalingGroupName: 'web', MinSize: 1, MaxSize: 4, DesiredCapacity: 2 };
  return creationFor({ ...whole, group: { ...base, ...group } as WholeGroup['group'] }, renaming);
};

describe('names', () => {
  test.each([
    ['bake-web-high', 'bake-web-green-high'],
    ['web-high', 'bake-web-green-high'],
    ['prod/web: backlog', 'bake-prod/web-green: backlog'],
    ['webhooks-failing', 'bake-webhooks-failing-web-green'],
    ['too busy', 'bake-too busy-web-green'],
  ])('alarm %s is called %s beside the copy', (name, other) => {
    expect(alarmNameFor(name, renaming)).toBe(other);
  });

  test('names go back and forth and do not grow', () => {
    const back = { from: 'web-green', to: { ...to, name: 'web' } };
    let name = 'too busy';
    for (let round = 0; round < 3; round++) name = alarmNameFor(alarmNameFor(name, renaming), back);
    expect(name).toBe('bake-too busy-web');
  });

  test('only what names the original is renamed', () => {
    const dimensions = (group: string) => [{ Name: 'AutoScalingGroupName', Value: group }];
    const expression = (group: string) =>
      `SELECT AVG(x) FROM "AWS/EC2" WHERE AutoScalingGroupName = '${group}'`;
    expect(
      renamed(
        {
          Dimensions: [...dimensions('web'), ...dimensions('website'), { Name: 'QueueName', Value: 'web' }],
          Metrics: [{ Expression: expression('web') }, { Expression: expression('web-jobs') }],
        },
        renaming,
      ),
    ).toEqual({
      Dimensions: [...dimensions('web-green'), ...dimensions('website'), { Name: 'QueueName', Value: 'web' }],
      Metrics: [{ Expression: expression('web-green') }, { Expression: expression('web-jobs') }],
    });
  });
});

describe('the creating call', () => {
  test('names subnets, or zones where there are none, but never both', () => {
    const AvailabilityZones = ['a', 'b'];
    expect(creationOf({ VPCZoneIdentifier: 's-1,s-2', AvailabilityZones })).toMatchObject({
      VPCZoneIdentifier: 's-1,s-2',
    });
    expect(creationOf({ VPCZoneIdentifier: 's-1', AvailabilityZones })).not.toHaveProperty(
      'AvailabilityZones',
    );
    expect(creationOf({ VPCZoneIdentifier: '', AvailabilityZones })).toMatchObject({ AvailabilityZones });
  });

  test('says nothing of what is switched off', () => {
    const creation = creationOf({
      DefaultInstanceWarmup: -1,
      InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
      PlacementGroup: '',
      MaxInstanceLifetime: 0,
      CapacityReservationSpecification: {
        CapacityReservationPreference: 'default',
        CapacityReservationTarget: { CapacityReservationIds: [] },
      },
    });
    expect(creation).not.toHaveProperty('DefaultInstanceWarmup');
    expect(creation).not.toHaveProperty('InstanceMaintenancePolicy');
    expect(creation).not.toHaveProperty('PlacementGroup');
    expect(creation).not.toHaveProperty('MaxInstanceLifetime');
    expect(creation.CapacityReservationSpecification).toEqual({
      CapacityReservationPreference: 'default',
      CapacityReservationTarget: {},
    });
  });

  test('names a service role of the group’s own, not the account’s', () => {
    const role =
      'arn:aws:iam::1:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    expect(creationOf({ ServiceLinkedRoleARN: role })).not.toHaveProperty('ServiceLinkedRoleARN');
    expect(creationOf({ ServiceLinkedRoleARN: `${role}_web` })).toMatchObject({
      ServiceLinkedRoleARN: `${role}_web`,
    });
  });

  test('is not made for a group that only its operator may change', () => {
    expect(() => refuseOperated({ AutoScalingGroupName: 'web' } as AutoScalingGroup)).not.toThrow();
    const operated = { AutoScalingGroupName: 'web', Operator: { Principal: 'ecs.amazonaws.com' } };
    expect(() => refuseOperated(operated as AutoScalingGroup)).toThrow('changed by ecs.amazonaws.com alone');
  });
});

test('a traffic source that AWS writes down twice is attached once; another takes its place', () => {
  const group = {
    TargetGroupARNs: ['arn:blue', 'arn:shared'],
    TrafficSources: [
      { Identifier: 'arn:blue', Type: 'elbv2' },
      { Identifier: 'arn:lattice', Type: 'vpc-lattice' },
    ],
    LoadBalancerNames: ['classic'],
  } as AutoScalingGroup;
  const replaced = { ...renaming, to: { ...to, targetGroups: { 'arn:blue': 'arn:green' } } };
  expect(trafficFor(group, replaced)).toEqual([
    { Identifier: 'arn:green', Type: 'elbv2' },
    { Identifier: 'arn:lattice', Type: 'vpc-lattice' },
    { Identifier: 'arn:shared', Type: 'elbv2' },
    { Identifier: 'classic', Type: 'elb' },
  ]);
});

test('an instance type with a template of its own keeps it; one with the group’s moves with it', () => {
  const spec = (id: string, Version: string) => ({ LaunchTemplateId: id, LaunchTemplateName: 'n', Version });
  const group = {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: spec('lt-1', '6'),
        Overrides: [
          { InstanceType: 'm6g.large', LaunchTemplateSpecification: spec('lt-arm', '3') },
          { InstanceType: 'm5.large', LaunchTemplateSpecification: spec('lt-1', '6') },
          { InstanceType: 'm4.large' },
        ],
      },
    },
  } as AutoScalingGroup;
  expect(pointedAt(group, to.template)).toMatchObject({
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '7' },
        Overrides: [
          { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-arm', Version: '3' } },
          { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '7' } },
          { InstanceType: 'm4.large' },
        ],
      },
    },
  });
});

test('pools are sent with the strategy that has them', () => {
  const group = (SpotAllocationStrategy: string) =>
    ({
      MixedInstancesPolicy: { InstancesDistribution: { SpotAllocationStrategy, SpotInstancePools: 2 } },
    }) as AutoScalingGroup;
  const pools = (strategy: string) => JSON.stringify(pointedAt(group(strategy), to.template));
  expect(pools('lowest-price')).toContain('"SpotInstancePools":2');
  expect(pools('price-capacity-optimized')).not.toContain('SpotInstancePools');
});

describe('what is described in two ways', () => {
  const whole = (group: Partial<AutoScalingGroup>, policy: Partial<ScalingPolicy>): WholeGroup => ({
    group: { MaxSize: 1, ...group } as AutoScalingGroup,
    hooks: [],
    policies: [{ PolicyName: 'out', PolicyType: 'SimpleScaling', ...policy }],
    alarms: [],
    schedules: [],
    notifications: [],
  });

  test('is no difference', () => {
    const original = whole(
      {
        DefaultInstanceWarmup: -1,
        MaxInstanceLifetime: 0,
        InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
        VPCZoneIdentifier: 's-1,s-2',
        HealthCheckType: 'EC2,ELB',
        PlacementGroup: '',
      },
      { MinAdjustmentStep: 2, MinAdjustmentMagnitude: 2, StepAdjustments: [] },
    );
    const suspended = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'];
    const copy = whole(
      {
        VPCZoneIdentifier: 's-2,s-1',
        HealthCheckType: 'ELB,EC2',
        DeletionProtection: 'none',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' },
        SuspendedProcesses: suspended.map((ProcessName) => ({ ProcessName })),
        Tags: [{ Key: 'aws:cloudformation:stack-name', Value: 'x' }],
      },
      { MinAdjustmentMagnitude: 2 },
    );
    const comparison = { renaming, original, copy, now: NOW };
    const names = { from: 'web', to: 'web-green' };
    expect(differencesBetween(meantParts(comparison), madeParts(comparison), names)).toEqual([]);
  });
});

describe('schedules', () => {
  const schedule = (rest: Partial<ScheduledUpdateGroupAction>) => ({ ScheduledActionName: 'x', ...rest });

  test.each([
    ['recurs', { Recurrence: '0 8 * * *', StartTime: hours(-1) }, false],
    ['is to come once', { StartTime: hours(1) }, false],
    ['came once', { StartTime: hours(-1) }, true],
    ['recurred until yesterday', { Recurrence: '0 8 * * *', EndTime: hours(-24) }, true],
  ])('one that %s: over is %3$s', (_, rest, over) => {
    expect(isOver(schedule(rest), NOW)).toBe(over);
  });

  test('a start in the past is not said, one to come is; the old name of it never', () => {
    const Time = hours(-1);
    const past = scheduleFor(
      schedule({ Recurrence: '0 8 * * *', StartTime: hours(-1), Time }),
      NOW,
      renaming,
    );
    expect(past).not.toHaveProperty('Time');
    expect(past.StartTime).toBeUndefined();
    expect(scheduleFor(schedule({ StartTime: hours(1) }), NOW, renaming).StartTime).toEqual(hours(1));
  });
});

test('a policy does not send back what only descriptions have: empty steps, two names for one thing', () => {
  const policy = {
    AutoScalingGroupName: 'web',
    PolicyName: 'out',
    PolicyType: 'SimpleScaling',
    MinAdjustmentStep: 2,
    MinAdjustmentMagnitude: 2,
    StepAdjustments: [],
    Alarms: [],
  };
  const request = JSON.parse(JSON.stringify(policyFor(policy, renaming)));
  expect(request).toEqual({
    AutoScalingGroupName: 'web-green',
    PolicyName: 'out',
    PolicyType: 'SimpleScaling',
    MinAdjustmentMagnitude: 2,
  });
});
