import type { AlarmSpec, AlarmState } from './alarm-records.ts';
import type { Series } from './math-values.ts';

const COMPARISONS: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

export const isComparison = (name: string): boolean => Object.hasOwn(COMPARISONS, name);

/** How many periods an alarm looks back beyond those it evaluates, so that late or missing data do not decide. */
export const SPARE_PERIODS = 2;

/**
 * The state that an alarm's periods call for, oldest first, spare ones included; undefined: as it is.
 * Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", whose tables are the tests.
 */
export function verdict(
  alarm: Pick<
    AlarmSpec,
    'evaluationPeriods' | 'datapointsToAlarm' | 'threshold' | 'comparison' | 'treatMissingData'
  >,
  periods: Series,
): AlarmState | undefined {
  const { evaluationPeriods, threshold, treatMissingData = 'missing' } = alarm;
  const needed = alarm.datapointsToAlarm ?? evaluationPeriods;
  const present = periods.filter((value) => value !== undefined).slice(-evaluationPeriods);
  const isBreaching = (value: number) => COMPARISONS[alarm.comparison]?.(value, threshold) ?? false;
  const breaching = present.filter(isBreaching).length;
  const missing = evaluationPeriods - present.length;

  if (treatMissingData === 'breaching') return breaching + missing >= needed ? 'ALARM' : 'OK';
  if (breaching >= needed) return 'ALARM';
  if (treatMissingData === 'notBreaching') return 'OK';
  if (present.length === 0) return treatMissingData === 'missing' ? 'INSUFFICIENT_DATA' : undefined;
  if (breaching < present.length) return 'OK';
  // All there is breaches, but it is too little: only what is old enough may raise the alarm.
  const age = periods.length - periods.findIndex((value) => value !== undefined);
  return treatMissingData === 'missing' && age >= needed ? 'ALARM' : undefined;
}
