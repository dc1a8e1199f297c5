import type { Engine } from '../engine.ts';
import { type AlarmRecord, alarms, evaluations } from './alarm-records.ts';
import type { Series } from './math-values.ts';
import { seriesOf } from './metrics.ts';
import type { MetricQuery } from './queries.ts';
import { act, enter, repeats } from './transition.ts';
import { SPARE_PERIODS, verdict } from './verdict.ts';

/** Longer periods too are looked at each minute; shorter ones at each end. Seconds. */
const LONGEST_STEP = 60;

/** Looks at every alarm whose time has come; says when the next one's comes. Periods are those of the engine's speed. */
export function evaluateAlarms(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  for (const [name, due] of evaluations(engine).entries()) {
    const alarm = alarms(engine).get(name);
    if (!alarm) continue;
    const at = due <= now ? now + stepMs(engine, alarm) : due;
    if (due <= now) {
      evaluations(engine).put(name, at);
      evaluateAlarm(engine, alarm, now);
    }
    next = Math.min(next ?? at, at);
  }
  return next;
}

export const stepMs = (engine: Engine, alarm: AlarmRecord): number =>
  engine.latency.scale(Math.min(periodSecondsOf(alarm), LONGEST_STEP) * 1_000);

function evaluateAlarm(engine: Engine, alarm: AlarmRecord, now: number): void {
  const periodSeconds = periodSecondsOf(alarm);
  const lengthMs = engine.latency.scale(periodSeconds * 1_000);
  const count = alarm.evaluationPeriods + SPARE_PERIODS;
  const start = now - count * lengthMs;
  const periods = seriesOf(engine, queryOf(alarm), { start, count, lengthMs, periodSeconds });
  const value = periods.findLast((one) => one !== undefined);
  const state = verdict(alarm, periods) ?? alarm.state;
  if (state === alarm.state) {
    act(engine, alarm, value, repeats);
    return;
  }
  const recent = periods.filter((one) => one !== undefined).slice(-alarm.evaluationPeriods);
  const data = {
    version: '1.0',
    queryDate: new Date(now).toISOString(),
    startDate: new Date(start).toISOString(),
    statistic: alarm.metric?.statistic ?? alarm.metric?.extendedStatistic,
    period: periodSeconds,
    recentDatapoints: recent,
    threshold: alarm.threshold,
  };
  enter(engine, alarm.name, {
    state,
    reason: reason(alarm, recent, state),
    data: JSON.stringify(data),
    value,
  });
}

/** Throws nothing: what the alarm watches was checked when it was put. */
function queryOf({ metric, metrics }: AlarmRecord): MetricQuery {
  if (!metric) return metrics ?? [];
  const { namespace, name, dimensions, statistic, extendedStatistic, unit } = metric;
  return { namespace, name, dimensions, statistic: statistic ?? extendedStatistic ?? 'Average', unit };
}

export const periodSecondsOf = ({ metric, metrics }: AlarmRecord): number =>
  metric?.periodSeconds ??
  Math.max(10, ...(metrics ?? []).map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0));

const RELATION: Record<string, string> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanOrEqualToThreshold: 'less than or equal to',
  LessThanThreshold: 'less than',
};

function reason(alarm: AlarmRecord, recent: Series, state: string): string {
  const { comparison, threshold } = alarm;
  if (recent.length === 0) {
    const how = alarm.treatMissingData ?? 'missing';
    return state === 'INSUFFICIENT_DATA'
      ? `Insufficient Data: ${alarm.evaluationPeriods} datapoints were unknown.`
      : `Threshold Crossed: no datapoints were received for ${alarm.evaluationPeriods} periods and missing datapoints were treated as [${how}].`;
  }
  const many = recent.length === 1 ? '1 datapoint' : `${recent.length} datapoints`;
  const were = recent.length === 1 ? 'was' : 'were';
  const not = state === 'OK' ? ' not' : '';
  return `Threshold Crossed: ${many} [${recent.join(', ')}] ${were}${not} ${RELATION[comparison]} the threshold (${threshold}).`;
}
