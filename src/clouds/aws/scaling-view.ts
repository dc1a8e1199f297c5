import type {
  ScalingPolicy as AwsPolicy,
  ScheduledUpdateGroupAction,
  TargetTrackingConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type {
  Metric,
  PolicyAlarm,
  ScalingPolicy,
  ScalingSchedule,
  StepScaling,
  TargetTracking,
  Watched,
} from '../cloud.ts';
import { ADJUSTMENTS, COMPARISONS, MISSING_DATA } from './scaling-request.ts';

/** A policy in bake's words. `alarms`: those of all policies. */
export function toPolicy(policy: AwsPolicy, alarms: MetricAlarm[]): ScalingPolicy {
  const { TargetTrackingConfiguration: tracking, EstimatedInstanceWarmup: warmup } = policy;
  const called = (policy.Alarms ?? []).map(({ AlarmName }) => AlarmName);
  return {
    name: policy.PolicyName!,
    enabled: policy.Enabled ?? true,
    warmup: warmup === undefined ? undefined : warmup * 1_000,
    rule: (tracking && toTracking(tracking)) ??
      toStep(
        policy,
        alarms.filter(({ AlarmName }) => called.includes(AlarmName)),
      ) ?? { kind: 'other' },
  };
}

function toTracking(tracking: TargetTrackingConfiguration): TargetTracking | undefined {
  const customized = tracking.CustomizedMetricSpecification;
  const watched = customized && (toExpression(customized.Metrics) ?? toMetric(customized));
  if (!watched) return undefined;
  return {
    kind: 'target-tracking',
    watched,
    target: tracking.TargetValue ?? 0,
    scaleIn: !(tracking.DisableScaleIn ?? false),
  };
}

function toStep(policy: AwsPolicy, alarms: MetricAlarm[]): StepScaling | undefined {
  const adjust = keyOf(ADJUSTMENTS, policy.AdjustmentType);
  if (policy.PolicyType !== 'StepScaling' || !adjust) return undefined;
  return {
    kind: 'step',
    adjust,
    atLeast: policy.MinAdjustmentMagnitude,
    steps: (policy.StepAdjustments ?? []).map((step) => ({
      lower: step.MetricIntervalLowerBound,
      upper: step.MetricIntervalUpperBound,
      by: step.ScalingAdjustment ?? 0,
    })),
    alarms: alarms.flatMap((alarm) => toAlarm(alarm) ?? []),
  };
}

/** Undefined for an alarm with a comparison that bake does not write (it is another's). */
function toAlarm(alarm: MetricAlarm): PolicyAlarm | undefined {
  const comparison = keyOf(COMPARISONS, alarm.ComparisonOperator);
  const watched = toExpression(alarm.Metrics) ?? toMetric(alarm);
  if (!comparison || !watched) return undefined;
  const period = alarm.Period ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
  const periods = alarm.EvaluationPeriods ?? 1;
  return {
    name: alarm.AlarmName!,
    watched,
    comparison,
    threshold: alarm.Threshold ?? 0,
    period: (period ?? 0) * 1_000,
    periods,
    datapoints: alarm.DatapointsToAlarm ?? periods,
    missingData: keyOf(MISSING_DATA, alarm.TreatMissingData) ?? 'missing',
    enabled: alarm.ActionsEnabled ?? true,
  };
}

interface Query {
  Id?: string;
  Expression?: string;
  MetricStat?: { Metric?: Specification; Stat?: string };
  ReturnData?: boolean;
}

interface Specification {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name?: string; Value?: string }[];
  Statistic?: string;
  ExtendedStatistic?: string;
}

/** Undefined where there is no expression, or it is made of more than metrics. */
function toExpression(queries: Query[] | undefined): Watched | undefined {
  const result = queries?.find(({ Expression }) => Expression !== undefined);
  if (!queries || !result) return undefined;
  const metrics = queries
    .filter((query) => query !== result)
    .map(({ Id, MetricStat }) => [Id!, toMetric({ ...MetricStat?.Metric, Statistic: MetricStat?.Stat })]);
  if (metrics.some(([, metric]) => metric === undefined)) return undefined;
  return { expression: result.Expression!, metrics: Object.fromEntries(metrics) };
}

function toMetric(from: Specification): Metric | undefined {
  const { Namespace, MetricName, Dimensions = [], Statistic, ExtendedStatistic } = from;
  if (Namespace === undefined || MetricName === undefined) return undefined;
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name!, Value ?? ''])),
    statistic: Statistic ?? ExtendedStatistic ?? 'Average',
  };
}

/** A scheduled action in bake's words. */
export const toSchedule = (action: ScheduledUpdateGroupAction): ScalingSchedule => ({
  name: action.ScheduledActionName!,
  recurrence: action.Recurrence,
  timeZone: action.TimeZone ?? 'UTC',
  min: action.MinSize,
  max: action.MaxSize,
  desired: action.DesiredCapacity,
});

/** Bake's word for one of the service's. */
const keyOf = <K extends string>(words: Record<K, string>, word: string | undefined): K | undefined =>
  (Object.keys(words) as K[]).find((key) => words[key] === word);
