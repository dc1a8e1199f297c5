import type { AlarmRecord } from '../../engine/cloudwatch/alarms.ts';
import { Moment, viewDimensions } from './shapes.ts';

const common = (alarm: AlarmRecord) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  AlarmDescription: alarm.description,
  AlarmConfigurationUpdatedTimestamp: new Moment(alarm.configuredAt),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: alarm.okActions,
  AlarmActions: alarm.alarmActions,
  InsufficientDataActions: alarm.insufficientDataActions,
  StateValue: alarm.state,
  StateReason: alarm.stateReason,
  StateReasonData: alarm.stateReasonData,
  StateUpdatedTimestamp: new Moment(alarm.stateUpdatedAt),
  StateTransitionedTimestamp: new Moment(alarm.stateTransitionedAt),
});

export const viewMetricAlarm = (alarm: AlarmRecord) => ({
  ...common(alarm),
  ...(alarm.metric && {
    Namespace: alarm.metric.namespace,
    MetricName: alarm.metric.name,
    Dimensions: viewDimensions(alarm.metric.dimensions),
    Statistic: alarm.metric.statistic,
    ExtendedStatistic: alarm.metric.extendedStatistic,
    Unit: alarm.metric.unit,
    Period: alarm.metric.periodSeconds,
  }),
  Metrics: alarm.metrics?.map((query) => ({ ...query, ReturnData: query.ReturnData ?? true })),
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.comparison,
  TreatMissingData: alarm.treatMissingData,
  EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile,
  ...alarm.passive,
});

export const viewCompositeAlarm = (alarm: AlarmRecord) => ({ ...common(alarm), AlarmRule: alarm.rule });
