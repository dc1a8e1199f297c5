import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, type EssWorld, essWorld } from '../../helpers/ess.ts';

let world: EssWorld;
let ScalingGroupId: string;
beforeEach(async () => {
  world = await essWorld();
  ScalingGroupId = await world.group(4, { MinSize: 1, MaxSize: 10 });
});
afterEach(() => world.cloud.close());

const wanted = async () => (await world.groupOf(ScalingGroupId)).DesiredCapacity;

async function rule(more: Record<string, unknown>): Promise<string> {
  const made = await world.ess('CreateScalingRule', { ScalingGroupId, ...more });
  return made.ScalingRuleAri as string;
}

describe('a scaling rule', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, number]>([
    ['adds', { AdjustmentType: 'QuantityChangeInCapacity', AdjustmentValue: 2 }, {}, 6],
    ['takes', { AdjustmentType: 'QuantityChangeInCapacity', AdjustmentValue: -2 }, {}, 2],
    ['sets', { AdjustmentType: 'TotalCapacity', AdjustmentValue: 7 }, {}, 7],
    ['stays within the bounds', { AdjustmentType: 'TotalCapacity', AdjustmentValue: 70 }, {}, 10],
    [
      'counts less than one as one',
      { AdjustmentType: 'PercentChangeInCapacity', AdjustmentValue: 10 },
      {},
      5,
    ],
    ['takes a share', { AdjustmentType: 'PercentChangeInCapacity', AdjustmentValue: -50 }, {}, 2],
    [
      'goes by steps',
      {
        ScalingRuleType: 'StepScalingRule',
        AdjustmentType: 'QuantityChangeInCapacity',
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 10, ScalingAdjustment: 3 },
        ],
      },
      { MetricValue: 95.5, BreachThreshold: 80 },
      7,
    ],
  ])('%s', async (_, more, values, desired) => {
    const ScalingRuleAri = await rule(more);
    const { ScalingActivityId } = await world.ess('ExecuteScalingRule', { ScalingRuleAri, ...values });
    expect(await wanted()).toBe(desired);
    await world.passes(10);
    expect(await world.members(ScalingGroupId)).toHaveLength(desired);
    const { ScalingActivities } = (await world.ess('DescribeScalingActivities', {
      ...{ ScalingGroupId, ScalingActivityIds: [ScalingActivityId] },
    })) as { ScalingActivities: { Cause: string }[] };
    expect(ScalingActivities[0]!.Cause).toMatch(/^A user requests to execute scaling rule "asr-/);
  });

  test('waits for the activity before it, not for the cooldown; its token makes it happen once', async () => {
    const ScalingRuleAri = await rule({
      ...{ AdjustmentType: 'QuantityChangeInCapacity', AdjustmentValue: 1, Cooldown: 3_600 },
    });
    const execute = (ClientToken: string) => world.ess('ExecuteScalingRule', { ScalingRuleAri, ClientToken });
    await execute('a');
    await execute('a');
    expect(await wanted()).toBe(5);
    expect(await codeOf(execute('b'))).toBe('ScalingActivityInProgress');
    await world.passes(10);
    await execute('b');
    expect(await wanted()).toBe(6);
  });

  test('that tracks a metric is kept and shown, and cannot be executed', async () => {
    const ScalingRuleAri = await rule({
      ...{ ScalingRuleName: 'cpu', ScalingRuleType: 'TargetTrackingScalingRule' },
      ...{ MetricName: 'CpuUtilization', TargetValue: 62.5 },
    });
    expect(await codeOf(world.ess('ExecuteScalingRule', { ScalingRuleAri }))).toBe('InvalidScalingRule');
    const shown = async () =>
      (await world.ess('DescribeScalingRules', { ScalingGroupId })).ScalingRules as Record<string, string>[];
    const [found] = await shown();
    expect(found).toMatchObject({ ScalingRuleName: 'cpu', MetricName: 'CpuUtilization', TargetValue: 62.5 });
    const { ScalingRuleId } = found!;
    await world.ess('ModifyScalingRule', { ScalingRuleId, TargetValue: 70 });
    expect(await shown()).toMatchObject([{ TargetValue: 70, ScalingRuleAri }]);
    await world.ess('DeleteScalingRule', { ScalingRuleId });
    expect(await shown()).toEqual([]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ AdjustmentType: 'Other', AdjustmentValue: 1 }, 'InvalidParameter.AdjustmentType'],
    [{ AdjustmentType: 'TotalCapacity' }, 'MissingParameter.AdjustmentValue'],
    [
      { ScalingRuleType: 'StepScalingRule', AdjustmentType: 'TotalCapacity' },
      'MissingParameter.StepAdjustments',
    ],
    [{ ScalingRuleType: 'TargetTrackingScalingRule' }, 'MissingParameter.MetricName'],
    [{ ScalingRuleType: 'PredictiveScalingRule' }, 'InvalidParameter.ScalingRuleType'],
  ])('%o is refused', async (more, code) => {
    expect(await codeOf(rule(more))).toBe(code);
  });
});

describe('a scheduled task', () => {
  // The world begins at 2026-01-01T00:00Z, a Thursday.
  const task = (more: Record<string, unknown>) =>
    world.ess('CreateScheduledTask', { ScheduledTaskName: 'night', ...more });

  test('sets the sizes of a group at its time, once', async () => {
    await task({
      ScalingGroupId,
      LaunchTime: '2026-01-01T02:00Z',
      MinValue: 2,
      MaxValue: 20,
      DesiredCapacity: 12,
    });
    await world.passes(7_100);
    expect(await wanted()).toBe(4);
    await world.passes(100);
    expect(await world.groupOf(ScalingGroupId)).toMatchObject({
      MinSize: 2,
      MaxSize: 20,
      DesiredCapacity: 12,
    });
    await world.ess('ModifyScalingGroup', { ScalingGroupId, DesiredCapacity: 4 });
    await world.passes(3 * 24 * 3_600);
    expect(await wanted()).toBe(4);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    [
      'every second day',
      { RecurrenceType: 'Daily', RecurrenceValue: '2' },
      ['01-01', '01-03', '01-05', '01-07'],
    ],
    [
      'on Sundays and Mondays',
      { RecurrenceType: 'Weekly', RecurrenceValue: '0,1' },
      ['01-04', '01-05', '01-11'],
    ],
    [
      'on days of the month',
      { RecurrenceType: 'Monthly', RecurrenceValue: '2-3' },
      ['01-02', '01-03', '02-02'],
    ],
    [
      'as cron has it',
      { RecurrenceType: 'Cron', RecurrenceValue: '30 5 6,7 * *' },
      ['01-06', '01-07', '02-06'],
    ],
    [
      'until its end',
      { RecurrenceType: 'Daily', RecurrenceValue: '1', RecurrenceEndTime: '2026-01-02T12:00Z' },
      ['01-01', '01-02'],
    ],
  ])('executes a rule %s', async (_, recurrence, days) => {
    const ScheduledAction = await rule({ AdjustmentType: 'TotalCapacity', AdjustmentValue: 6 });
    const LaunchTime = '2026-01-01T05:30Z';
    await task({ ScheduledAction, LaunchTime, ...recurrence });
    const seen: string[] = [];
    for (let day = 1; day <= 40 && seen.length < days.length; day++) {
      await world.passes(24 * 3_600);
      if ((await wanted()) === 6) seen.push(new Date(world.clock.now() - 60_000).toISOString().slice(5, 10));
      await world.ess('ModifyScalingGroup', { ScalingGroupId, DesiredCapacity: 4 });
      await world.passes(0);
    }
    expect(seen).toEqual(days);
  });

  test('is tried again for a while where the process is suspended, and not when it is switched off', async () => {
    const { ScheduledTaskId } = await task({
      ...{ ScalingGroupId, LaunchTime: '2026-01-01T01:00Z', DesiredCapacity: 6, LaunchExpirationTime: 300 },
    });
    await world.ess('SuspendProcesses', { ScalingGroupId, Processes: ['ScheduledAction'] });
    await world.passes(3_700);
    expect(await wanted()).toBe(4);
    await world.ess('ResumeProcesses', { ScalingGroupId, Processes: ['ScheduledAction'] });
    await world.passes(30);
    expect(await wanted()).toBe(6);
    await world.ess('ModifyScheduledTask', {
      ...{ ScheduledTaskId, LaunchTime: '2026-01-01T03:00Z', TaskEnabled: false, DesiredCapacity: 8 },
    });
    await world.passes(4 * 3_600);
    expect(await wanted()).toBe(6);
    const shown = async () => (await world.ess('DescribeScheduledTasks', { ScalingGroupId })).ScheduledTasks;
    expect(await shown()).toEqual([
      expect.objectContaining({ TaskEnabled: false, LaunchTime: '2026-01-01T03:00Z', DesiredCapacity: 8 }),
    ]);
    await world.ess('DeleteScheduledTask', { ScheduledTaskId });
    expect(await shown()).toEqual([]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ LaunchTime: '2026-06-01T00:00Z' }, 'InvalidParameter.LaunchTime'],
    [{ LaunchTime: '2025-12-31T00:00Z' }, 'InvalidParameter.LaunchTime'],
    [{ LaunchTime: 'tomorrow' }, 'InvalidParameter.LaunchTime'],
    [
      { LaunchTime: '2026-01-02T00:00Z', RecurrenceType: 'Cron', RecurrenceValue: 'often' },
      'InvalidParameter.RecurrenceValue',
    ],
  ])('%o is refused', async (more, code) => {
    expect(await codeOf(task({ ScalingGroupId, DesiredCapacity: 2, ...more }))).toBe(code);
  });
});
