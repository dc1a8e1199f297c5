import { describe, expect, it } from 'vitest';
import { activities } from '../../../src/localcloud/engine/autoscaling/activities.ts';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { deleteGroup } from '../../../src/localcloud/engine/autoscaling/delete.ts';
import { enableMetrics } from '../../../src/localcloud/engine/autoscaling/metrics.ts';
import type { PolicyRequest } from '../../../src/localcloud/engine/autoscaling/policies/check.ts';
import { executePolicy } from '../../../src/localcloud/engine/autoscaling/policies/execute.ts';
import { deletePolicy, putPolicy } from '../../../src/localcloud/engine/autoscaling/policies/put.ts';
import { suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { attachSources } from '../../../src/localcloud/engine/autoscaling/traffic/sources.ts';
import { alarms, putAlarm } from '../../../src/localcloud/engine/cloudwatch/alarms.ts';
import { metricValue, putMetric } from '../../../src/localcloud/engine/cloudwatch/metrics.ts';
import { createTargetGroup } from '../../../src/localcloud/engine/elb/target-groups.ts';
import { createQueue, purgeQueue } from '../../../src/localcloud/engine/queues/queues.ts';
import { sendMessage } from '../../../src/localcloud/engine/queues/send.ts';
import { HOUR, MINUTE, World } from '../../helpers/autoscaling.ts';

async function worldOf(desired: number, request = {}) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired, { max: 100, ...request });
  return world;
}

const put = (world: World, request: Partial<PolicyRequest>) =>
  putPolicy(world.engine, { group: 'workers', name: 'scale', steps: [], enabled: true, ...request });

const step = (name: string, steps: PolicyRequest['steps']): Partial<PolicyRequest> => ({
  name,
  type: 'StepScaling',
  adjustmentType: 'ChangeInCapacity',
  steps,
  warmup: 120,
});

/** An alarm on metric `load`, one minute above the threshold. */
const alarm = (world: World, threshold: number, actions: string[]) =>
  putAlarm(world.engine, {
    name: 'load-high',
    alarmActions: actions,
    metric: { namespace: 'App', name: 'load', dimensions: {}, statistic: 'Average', periodSeconds: 60 },
    evaluationPeriods: 1,
    threshold,
    comparison: 'GreaterThanThreshold',
  });

/** Minutes of a metric whose value may depend on the group; returns the desired capacity after each. */
async function minutes(world: World, count: number, value: () => number): Promise<number[]> {
  const seen: number[] = [];
  for (let minute = 0; minute < count; minute++) {
    putMetric(world.engine, { namespace: 'App', name: 'load', dimensions: {}, value: value() });
    await world.pass(MINUTE, 10_000);
    seen.push(world.group.desired);
  }
  return seen;
}

describe('a simple scaling policy', () => {
  it('acts when its alarm goes off, and again only after its cooldown', async () => {
    const world = await worldOf(2);
    const { arn } = put(world, { adjustmentType: 'ChangeInCapacity', adjustment: 2, cooldown: 240 });
    alarm(world, 50, [arn]);
    const seen = await minutes(world, 8, () => 80);
    expect(seen.filter((each, index) => each !== seen[index - 1])).toEqual([4, 6]);
    expect(seen.lastIndexOf(4) - seen.indexOf(4)).toBe(3);
    expect(activities(world.engine).all().at(-1)?.cause).toMatch(
      /a monitor alarm load-high in state ALARM triggered policy scale changing the desired capacity from 4 to 6\./,
    );
  });

  it.each([
    ['PercentChangeInCapacity', 10, undefined, 3, 4],
    ['PercentChangeInCapacity', 50, undefined, 3, 4],
    ['PercentChangeInCapacity', 10, 5, 3, 8],
    ['PercentChangeInCapacity', -50, undefined, 5, 3],
    ['ExactCapacity', 7, undefined, 3, 7],
    ['ChangeInCapacity', -9, undefined, 3, 0],
  ])(
    'with %s of %d (at least %s) makes %d into %d',
    async (adjustmentType, adjustment, minMagnitude, from, to) => {
      const world = await worldOf(from);
      put(world, { adjustmentType, adjustment, minMagnitude });
      executePolicy(world.engine, { group: 'workers', policy: 'scale', honorCooldown: false });
      expect(world.group.desired).toBe(to);
    },
  );

  it('executed by hand honours a cooldown only when it is told to', async () => {
    const world = await worldOf(2);
    put(world, { adjustmentType: 'ChangeInCapacity', adjustment: 1 });
    const execute = (honorCooldown: boolean) =>
      executePolicy(world.engine, { group: 'workers', policy: 'scale', honorCooldown });
    execute(true);
    expect(() => execute(true)).toThrow(/in cooldown/);
    execute(false);
    expect(world.group.desired).toBe(4);
  });
});

describe('a step scaling policy', () => {
  const steps = [
    { lower: 0, upper: 20, adjustment: 1 },
    { lower: 20, adjustment: 4 },
  ];

  it('takes the step of its breach, and launches nothing twice while instances warm up', async () => {
    const world = await worldOf(2);
    alarm(world, 50, [put(world, step('scale', steps)).arn]);
    const seen = await minutes(world, 2, () => 60);
    expect(seen.at(-1)).toBe(3);
    // More urgent now: four from the two that bear the load.
    expect((await minutes(world, 1, () => 90)).at(-1)).toBe(6);
  });

  it('does nothing while process AlarmNotification is suspended, or when it is not enabled', async () => {
    const world = await worldOf(2);
    alarm(world, 50, [put(world, step('scale', steps)).arn]);
    suspendProcesses(world.engine, 'workers', ['AlarmNotification']);
    await minutes(world, 3, () => 90);
    expect(world.group.desired).toBe(2);
    const other = await worldOf(2);
    alarm(other, 50, [put(other, { ...step('scale', steps), enabled: false }).arn]);
    await minutes(other, 3, () => 90);
    expect(other.group.desired).toBe(2);
  });

  it('executed by hand takes the step that metric and threshold name', async () => {
    const world = await worldOf(2);
    put(world, step('scale', steps));
    const execute = (value: number) =>
      executePolicy(world.engine, {
        group: 'workers',
        policy: 'scale',
        honorCooldown: false,
        value,
        threshold: 50,
      });
    execute(75);
    expect(world.group.desired).toBe(6);
    expect(() => execute(40)).toThrow(/No step adjustment found/);
  });
});

describe('an alarm that somebody gave a policy', () => {
  const watching = async (more: string[] = []) => {
    const world = await worldOf(0);
    alarm(world, 50, [put(world, step('scale', [{ lower: 0, adjustment: 1 }])).arn, ...more]);
    return world;
  };

  it('stays when the policy is deleted, without an action', async () => {
    const world = await watching();
    deletePolicy(world.engine, 'workers', 'scale');
    expect(alarms(world.engine).get('load-high')?.alarmActions).toEqual([]);
  });

  it('goes with the group when it has no action left, and else goes on', async () => {
    const topic = 'arn:aws:sns:eu-central-1:000000000000:alerts';
    const [alone, telling] = [await watching(), await watching([topic])];
    for (const { engine } of [alone, telling]) deleteGroup(engine, 'workers', false);
    expect(alarms(alone.engine).get('load-high')).toBeUndefined();
    expect(alarms(telling.engine).get('load-high')?.alarmActions).toEqual([topic]);
  });
});

describe('a target tracking policy', () => {
  const tracking = (rest = {}): Partial<PolicyRequest> => ({
    type: 'TargetTrackingScaling',
    warmup: 120,
    tracking: {
      CustomizedMetricSpecification: { MetricName: 'load', Namespace: 'App', Statistic: 'Average' },
      TargetValue: 50,
      DisableScaleIn: false,
      ...rest,
    },
  });

  it('makes its own two alarms, and takes them with it', async () => {
    const world = await worldOf(1);
    const { arn } = put(world, tracking());
    expect(alarms(world.engine).all()).toMatchObject([
      {
        name: expect.stringMatching(/^TargetTracking-workers-AlarmHigh-[0-9a-f-]{36}$/),
        comparison: 'GreaterThanThreshold',
        threshold: 50,
        evaluationPeriods: 3,
        alarmActions: [arn],
      },
      {
        name: expect.stringMatching(/^TargetTracking-workers-AlarmLow-[0-9a-f-]{36}$/),
        comparison: 'LessThanThreshold',
        threshold: 45,
        evaluationPeriods: 15,
      },
    ]);
    deletePolicy(world.engine, 'workers', 'scale');
    expect(alarms(world.engine).size).toBe(0);
    put(world, tracking());
    deleteGroup(world.engine, 'workers', true);
    await world.pass(MINUTE);
    expect(alarms(world.engine).size).toBe(0);
  });

  it('scales out in proportion, and in by a tenth at a time', async () => {
    const world = await worldOf(4);
    put(world, tracking());
    // The load of 400 is shared: 100 each, twice the target.
    const out = await minutes(world, 8, () => 400 / world.fleet.length);
    expect(Math.max(...out)).toBe(8);
    expect(out.at(-1)).toBe(8);
    // Nothing for fifteen minutes, then one by one: a warmup apart, and never below what the load asks for.
    const calm = await minutes(world, 14, () => 150 / world.fleet.length);
    expect(calm.at(-1)).toBe(8);
    const down = await minutes(world, 30, () => 150 / world.fleet.length);
    expect(down.filter((each, index) => each !== down[index - 1])).toEqual([7, 6, 5, 4, 3]);
  });

  it('never scales in when that is disabled', async () => {
    const world = await worldOf(4);
    put(world, tracking({ DisableScaleIn: true }));
    expect(alarms(world.engine).size).toBe(1);
    await minutes(world, 40, () => 1);
    expect(world.group.desired).toBe(4);
  });

  it('watches the average CPU of its group by a predefined metric', async () => {
    const world = await worldOf(1);
    put(world, {
      type: 'TargetTrackingScaling',
      tracking: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
        TargetValue: 60,
        DisableScaleIn: true,
      },
    });
    expect(alarms(world.engine).all()[0]?.metric).toEqual({
      namespace: 'AWS/EC2',
      name: 'CPUUtilization',
      dimensions: { AutoScalingGroupName: 'workers' },
      statistic: 'Average',
      periodSeconds: 60,
    });
  });

  it('follows the backlog per instance of a queue, by metric math over queue and group metrics', async () => {
    const world = await worldOf(1);
    createQueue(world.engine, 'jobs', {}, {});
    enableMetrics(world.engine, 'workers', ['GroupInServiceInstances'], '1Minute');
    const metric = (Namespace: string, MetricName: string, Name: string, Value: string) => ({
      Metric: { Namespace, MetricName, Dimensions: [{ Name, Value }] },
      Stat: 'Average',
    });
    put(world, {
      type: 'TargetTrackingScaling',
      warmup: 60,
      tracking: {
        CustomizedMetricSpecification: {
          Metrics: [
            {
              Id: 'visible',
              MetricStat: metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'jobs'),
              ReturnData: false,
            },
            {
              Id: 'workers',
              MetricStat: metric(
                'AWS/AutoScaling',
                'GroupInServiceInstances',
                'AutoScalingGroupName',
                'workers',
              ),
              ReturnData: false,
            },
            { Id: 'backlog', Expression: 'visible / workers' },
          ],
        },
        TargetValue: 10,
        DisableScaleIn: false,
      },
    });
    for (let count = 0; count < 40; count++) {
      sendMessage(world.engine, 'jobs', {
        body: 'job',
        attributes: {},
        systemAttributes: {},
        senderId: 'test',
      });
    }
    await world.pass(10 * MINUTE, 10_000);
    expect(world.group.desired).toBe(4);
    purgeQueue(world.engine, 'jobs');
    await world.pass(HOUR, 10_000);
    expect(world.group.desired).toBe(0);
  });

  it('counts the requests of a target group only for a group that has it', async () => {
    const world = await worldOf(0);
    const { arn } = createTargetGroup(world.engine, {
      name: 'web',
      protocol: 'HTTP',
      port: 80,
      targetType: 'instance',
      healthCheck: {},
      tags: {},
    });
    const request = {
      type: 'TargetTrackingScaling',
      tracking: {
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          ResourceLabel: `app/web/0123456789abcdef/${arn.split(':').at(-1)}`,
        },
        TargetValue: 100,
        DisableScaleIn: false,
      },
    };
    expect(() => put(world, request)).toThrow('Target group not attached to the Auto Scaling group');
    attachSources(world.engine, 'workers', [{ identifier: arn }]);
    expect(put(world, request).own).toBeDefined();
  });

  it('is refused where it makes no sense', async () => {
    const world = await worldOf(1);
    const math = { CustomizedMetricSpecification: { Metrics: [{ Id: 'a', Expression: 'b +' }] } };
    expect(() => put(world, tracking({ TargetValue: 0 }))).toThrow(/greater than 0/);
    expect(() => put(world, tracking(math))).toThrow();
    expect(() => put(world, { type: 'TargetTrackingScaling' })).toThrow(/must be specified/);
    expect(() =>
      put(
        world,
        step('scale', [
          { lower: 0, upper: 10, adjustment: 1 },
          { lower: 5, adjustment: 2 },
        ]),
      ),
    ).toThrow(/overlap/);
    expect(() =>
      put(
        world,
        step('scale', [
          { lower: 0, upper: 10, adjustment: 1 },
          { lower: 15, adjustment: 2 },
        ]),
      ),
    ).toThrow(/gaps/);
    expect(() => put(world, { adjustmentType: 'Twice', adjustment: 1 })).toThrow(/AdjustmentType/);
    expect(() =>
      executePolicy(world.engine, { group: 'workers', policy: 'nobody', honorCooldown: false }),
    ).toThrow(/Scaling policy name not found/);
  });
});

it('a group sends the metrics that it has enabled each minute, and no others', async () => {
  const world = await worldOf(2);
  enableMetrics(world.engine, 'workers', ['GroupDesiredCapacity', 'GroupInServiceInstances'], '1Minute');
  setDesiredCapacity(world.engine, 'workers', 3, false);
  await world.pass(3 * MINUTE, 10_000);
  const end = world.clock.now();
  const latest = (name: string) =>
    metricValue(
      world.engine,
      {
        namespace: 'AWS/AutoScaling',
        name,
        dimensions: { AutoScalingGroupName: 'workers' },
        statistic: 'Average',
      },
      { start: end - MINUTE, end, periodSeconds: 60 },
    );
  expect(latest('GroupDesiredCapacity')).toBe(3);
  expect(latest('GroupInServiceInstances')).toBe(3);
  expect(latest('GroupMaxSize')).toBeUndefined();
});
