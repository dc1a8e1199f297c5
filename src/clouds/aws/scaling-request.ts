import type {
  PutScalingPolicyType,
  PutScheduledUpdateGroupActionType,
  TargetTrackingConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { PutMetricAlarmInput, Statistic } from '@aws-sdk/client-cloudwatch';
import type {
  Metric,
  PolicyAlarm,
  ScalingPolicy,
  ScalingSchedule,
  StepScaling,
  Tags,
  TargetTracking,
  Watched,
} from '../cloud.ts';
import { tagList } from './describe.ts';

/** The id of the expression among the metrics that it names. */
const RESULT = 'result';

/** Auto Scaling's words and bake's. */
export const ADJUSTMENTS = {
  percent: 'PercentChangeInCapacity',
  instances: 'ChangeInCapacity',
  exact: 'ExactCapacity',
} as const;

export const COMPARISONS = {
  above: 'GreaterThanOrEqualToThreshold',
  below: 'LessThanOrEqualToThreshold',
} as const;

export const MISSING_DATA = {
  missing: 'missing',
  ignore: 'ignore',
  breaching: 'breaching',
  'not-breaching': 'notBreaching',
} as const;

/** The statistics that are not percentiles. */
const STATISTICS: readonly string[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

export function policyRequest(group: string, policy: ScalingPolicy): PutScalingPolicyType {
  return {
    AutoScalingGroupName: group,
    PolicyName: policy.name,
    Enabled: policy.enabled,
    EstimatedInstanceWarmup: policy.warmup === undefined ? undefined : seconds(policy.warmup),
    ...(policy.rule.kind === 'target-tracking' && trackingRequest(policy.rule)),
    ...(policy.rule.kind === 'step' && stepRequest(policy.rule)),
  };
}

function trackingRequest({ watched, target, scaleIn }: TargetTracking): Partial<PutScalingPolicyType> {
  const TargetTrackingConfiguration: TargetTrackingConfiguration = {
    CustomizedMetricSpecification: isMath(watched)
      ? { Metrics: queries(watched) }
      : {
          Namespace: watched.namespace,
          MetricName: watched.name,
          Dimensions: dimensions(watched),
          Statistic: watched.statistic as Statistic,
        },
    TargetValue: target,
    DisableScaleIn: !scaleIn,
  };
  return { PolicyType: 'TargetTrackingScaling', TargetTrackingConfiguration };
}

const stepRequest = ({ adjust, atLeast, steps }: StepScaling): Partial<PutScalingPolicyType> => ({
  PolicyType: 'StepScaling',
  AdjustmentType: ADJUSTMENTS[adjust],
  MinAdjustmentMagnitude: atLeast,
  MetricAggregationType: 'Average',
  StepAdjustments: steps.map(({ lower, upper, by }) => ({
    MetricIntervalLowerBound: lower,
    MetricIntervalUpperBound: upper,
    ScalingAdjustment: by,
  })),
});

/** An alarm that asks for this policy; tags are for a new one, an existing one keeps its own. */
export function alarmRequest(alarm: PolicyAlarm, policyArn: string, tags: Tags): PutMetricAlarmInput {
  const Period = seconds(alarm.period);
  return {
    AlarmName: alarm.name,
    AlarmDescription: 'Made by bake for a scaling policy.',
    ActionsEnabled: alarm.enabled,
    AlarmActions: [policyArn],
    ...(isMath(alarm.watched)
      ? { Metrics: queries(alarm.watched, Period) }
      : {
          Namespace: alarm.watched.namespace,
          MetricName: alarm.watched.name,
          Dimensions: dimensions(alarm.watched),
          ...(STATISTICS.includes(alarm.watched.statistic)
            ? { Statistic: alarm.watched.statistic as Statistic }
            : { ExtendedStatistic: alarm.watched.statistic }),
          Period,
        }),
    ComparisonOperator: COMPARISONS[alarm.comparison],
    Threshold: alarm.threshold,
    EvaluationPeriods: alarm.periods,
    DatapointsToAlarm: alarm.datapoints,
    TreatMissingData: MISSING_DATA[alarm.missingData],
    Tags: tagList(tags),
  };
}

export const scheduleRequest = (
  group: string,
  { name, recurrence, timeZone, min, max, desired }: ScalingSchedule,
): PutScheduledUpdateGroupActionType => ({
  AutoScalingGroupName: group,
  ScheduledActionName: name,
  Recurrence: recurrence,
  TimeZone: timeZone,
  MinSize: min,
  MaxSize: max,
  DesiredCapacity: desired,
});

type Expression = Exclude<Watched, Metric>;

const isMath = (watched: Watched): watched is Expression => 'expression' in watched;

/** Only the expression gives data; the metrics are what it is made of. */
const queries = ({ expression, metrics }: Expression, Period?: number) => [
  ...Object.entries(metrics).map(([Id, metric]) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: metric.namespace, MetricName: metric.name, Dimensions: dimensions(metric) },
      Stat: metric.statistic,
      Period,
    },
    ReturnData: false,
  })),
  { Id: RESULT, Expression: expression, Label: 'what bake watches', ReturnData: true },
];

const dimensions = (metric: Metric) =>
  Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));

const seconds = (ms: number) => Math.round(ms / 1_000);
