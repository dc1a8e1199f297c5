import { type AlarmSpec, putAlarm } from '../../cloudwatch/alarms.ts';
import { metricValue } from '../../cloudwatch/metrics.ts';
import { resultOf } from '../../cloudwatch/queries.ts';
import type { Engine } from '../../engine.ts';
import { invalid } from '../groups.ts';
import type { PolicyRecord, TrackingConfiguration } from './record.ts';

/** Seconds; target tracking looks at its metric by the minute. */
const PERIOD = 60;

/**
 * The two alarms that a target tracking policy makes: three minutes above the target scale out, fifteen minutes below nine
 * tenths of it scale in. Source: AWS "Target tracking scaling policies".
 */
export function putTrackingAlarms(
  engine: Engine,
  { arn, group, enabled }: PolicyRecord,
  tracking: TrackingConfiguration,
): { high: string; low?: string } {
  const watched = watchedBy(tracking, group);
  if (watched.metrics) checkMath(engine, watched.metrics);
  const make = (
    kind: 'High' | 'Low',
    rest: Pick<AlarmSpec, 'comparison' | 'threshold' | 'evaluationPeriods'>,
  ) =>
    putAlarm(engine, {
      name: `TargetTracking-${group}-Alarm${kind}-${engine.ids.uuid()}`,
      description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
      actionsEnabled: enabled,
      alarmActions: [arn],
      ...watched,
      ...rest,
    }).name;
  const target = tracking.TargetValue;
  const high = make('High', {
    comparison: 'GreaterThanThreshold',
    threshold: target,
    evaluationPeriods: 3,
  });
  if (tracking.DisableScaleIn) return { high };
  const low = make('Low', {
    comparison: 'LessThanThreshold',
    threshold: 0.9 * target,
    evaluationPeriods: 15,
  });
  return { high, low };
}

/** An alarm is put only with metric math that can be worked out. Throws ValidationError. */
function checkMath(engine: Engine, metrics: NonNullable<AlarmSpec['metrics']>): void {
  if (!resultOf(metrics)) throw invalid('Exactly one of the Metrics must return data.');
  const now = engine.clock.now();
  metricValue(engine, metrics, { start: now - 1, end: now, periodSeconds: PERIOD });
}

function watchedBy(
  {
    PredefinedMetricSpecification: predefined,
    CustomizedMetricSpecification: customized,
  }: TrackingConfiguration,
  group: string,
): Pick<AlarmSpec, 'metric' | 'metrics'> {
  if (predefined) return { metric: predefinedMetric(predefined, group) };
  if (customized?.Metrics?.length) {
    return {
      metrics: customized.Metrics.map(({ MetricStat, ...query }) => ({
        ...query,
        ...(MetricStat && { MetricStat: { ...MetricStat, Period: MetricStat.Period ?? PERIOD } }),
      })),
    };
  }
  const { MetricName = '', Namespace = '', Dimensions = [], Statistic, Unit, Period } = customized ?? {};
  return {
    metric: {
      name: MetricName,
      namespace: Namespace,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
      statistic: Statistic,
      unit: Unit,
      periodSeconds: Period ?? PERIOD,
    },
  };
}

/** A resource label is `app/NAME/ID/targetgroup/NAME/ID`. */
function predefinedMetric(
  {
    PredefinedMetricType: type,
    ResourceLabel = '',
  }: { PredefinedMetricType: string; ResourceLabel?: string },
  group: string,
): AlarmSpec['metric'] {
  if (type === 'ALBRequestCountPerTarget') {
    const [loadBalancer = '', targetGroup = ''] = ResourceLabel.split('/targetgroup/');
    return {
      namespace: 'AWS/ApplicationELB',
      name: 'RequestCountPerTarget',
      dimensions: { LoadBalancer: loadBalancer, TargetGroup: `targetgroup/${targetGroup}` },
      statistic: 'Sum',
      periodSeconds: PERIOD,
    };
  }
  return {
    namespace: 'AWS/EC2',
    name: type.replace('ASGAverage', ''),
    dimensions: { AutoScalingGroupName: group },
    statistic: 'Average',
    periodSeconds: PERIOD,
  };
}
