import { type AlarmRecord, alarms } from '../../engine/cloudwatch/alarms.ts';
import { history } from '../../engine/cloudwatch/history.ts';
import type { Operation } from '../service.ts';
import { viewCompositeAlarm, viewMetricAlarm } from './alarm-view.ts';
import { Moment, moment, pageOf, readDimensions } from './shapes.ts';

/** Sorted by name. Composite alarms only when AlarmTypes asks for them. */
export const DescribeAlarms: Operation = (input, { engine }) => {
  const names = input.list('AlarmNames');
  const prefix = input.text('AlarmNamePrefix') ?? '';
  const types = input.list('AlarmTypes');
  const state = input.text('StateValue');
  const action = input.text('ActionPrefix');
  const found = alarms(engine)
    .filter((alarm) => (types.length > 0 ? types : ['MetricAlarm']).includes(typeOf(alarm)))
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter((alarm) => alarm.name.startsWith(prefix) && (state === undefined || alarm.state === state))
    .filter((alarm) => action === undefined || actionsOf(alarm).some((arn) => arn.startsWith(action)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, next } = pageOf(input, found, 100);
  return {
    MetricAlarms: items.filter(({ rule }) => rule === undefined).map(viewMetricAlarm),
    CompositeAlarms: items.filter(({ rule }) => rule !== undefined).map(viewCompositeAlarm),
    NextToken: next,
  };
};

/** Of one metric; those of expressions are not found, as in CloudWatch. */
export const DescribeAlarmsForMetric: Operation = (input, { engine }) => {
  const namespace = input.require('Namespace');
  const metricName = input.require('MetricName');
  const dimensions = JSON.stringify(sorted(readDimensions(input)));
  const optional = [
    [input.text('Statistic'), 'statistic'],
    [input.text('ExtendedStatistic'), 'extendedStatistic'],
    [input.int('Period'), 'periodSeconds'],
    [input.text('Unit'), 'unit'],
  ] as const;
  const found = alarms(engine).filter(
    ({ metric }) =>
      metric !== undefined &&
      metric.namespace === namespace &&
      metric.name === metricName &&
      JSON.stringify(sorted(metric.dimensions)) === dimensions &&
      optional.every(([value, field]) => value === undefined || metric[field] === value),
  );
  return { MetricAlarms: found.map(viewMetricAlarm) };
};

/** Newest first unless ScanBy says otherwise. */
export const DescribeAlarmHistory: Operation = (input, { engine }) => {
  const name = input.text('AlarmName');
  const types = input.list('AlarmTypes');
  const kind = input.text('HistoryItemType');
  const start = moment(input, 'StartDate') ?? Number.NEGATIVE_INFINITY;
  const end = moment(input, 'EndDate') ?? Number.POSITIVE_INFINITY;
  const found = history(engine)
    .filter((item) => name === undefined || item.alarmName === name)
    .filter((item) => (types.length > 0 ? types : ['MetricAlarm']).includes(item.alarmType))
    .filter((item) => kind === undefined || item.type === kind)
    .filter(({ at }) => at >= start && at <= end);
  if (input.text('ScanBy') !== 'TimestampAscending') found.reverse();
  const { items, next } = pageOf(input, found, 100);
  return {
    AlarmHistoryItems: items.map((item) => ({
      AlarmName: item.alarmName,
      AlarmType: item.alarmType,
      Timestamp: new Moment(item.at),
      HistoryItemType: item.type,
      HistorySummary: item.summary,
      HistoryData: item.data,
    })),
    NextToken: next,
  };
};

const typeOf = ({ rule }: AlarmRecord) => (rule === undefined ? 'MetricAlarm' : 'CompositeAlarm');

const actionsOf = (alarm: AlarmRecord) => [
  ...alarm.okActions,
  ...alarm.alarmActions,
  ...alarm.insufficientDataActions,
];

const sorted = (map: Record<string, string>) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
