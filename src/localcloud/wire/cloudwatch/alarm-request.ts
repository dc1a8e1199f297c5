import type { AlarmSpec } from '../../engine/cloudwatch/alarms.ts';
import { isStatistic, STATISTICS } from '../../engine/cloudwatch/statistics.ts';
import { isComparison } from '../../engine/cloudwatch/verdict.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import { readAlarmQueries } from './queries.ts';
import { checkPeriod, number, readDimensions } from './shapes.ts';

/** Fields that the engine only keeps. */
const PASSIVE = ['EvaluationWindow', 'WarmUpConfiguration', 'ActionConfiguration'];

const MISSING_DATA = ['breaching', 'notBreaching', 'ignore', 'missing'] as const;

/** Throws ValidationError, MissingParameter, InvalidParameterCombination. */
export function readMetricAlarm(input: Input): AlarmSpec {
  const queries = input.objects('Metrics');
  if (queries.length > 0 === input.has('MetricName')) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'An alarm watches either a metric (MetricName) or an expression (Metrics), not both.',
    );
  }
  const comparison = input.require('ComparisonOperator');
  if (!isComparison(comparison) || input.has('ThresholdMetricId'))
    throw invalid(`The local cloud has no anomaly detection: ComparisonOperator ${comparison}.`);
  const evaluationPeriods = input.requireInt('EvaluationPeriods');
  const datapointsToAlarm = input.int('DatapointsToAlarm');
  if (evaluationPeriods < 1) throw invalid('EvaluationPeriods must be at least 1.');
  if (datapointsToAlarm !== undefined && (datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods))
    throw invalid('DatapointsToAlarm must be from 1 to EvaluationPeriods.');
  input.require('Threshold');
  return {
    ...readCommon(input),
    metric: queries.length > 0 ? undefined : readMetric(input),
    metrics: queries.length > 0 ? readAlarmQueries(queries) : undefined,
    evaluationPeriods,
    datapointsToAlarm,
    threshold: number(input, 'Threshold') as number,
    comparison,
    treatMissingData: oneOf(input, 'TreatMissingData', MISSING_DATA),
    evaluateLowSampleCountPercentile: input.text('EvaluateLowSampleCountPercentile'),
    passive: Object.fromEntries(
      PASSIVE.filter((name) => input.has(name)).map((name) => [name, input.values[name]]),
    ),
  };
}

/** A composite alarm has no numbers of its own. */
export const readCompositeAlarm = (input: Input): AlarmSpec => ({
  ...readCommon(input),
  rule: input.require('AlarmRule'),
  evaluationPeriods: 0,
  threshold: 0,
  comparison: '',
});

const readCommon = (input: Input) => ({
  name: input.require('AlarmName'),
  description: input.text('AlarmDescription'),
  actionsEnabled: input.bool('ActionsEnabled'),
  okActions: input.list('OKActions'),
  alarmActions: input.list('AlarmActions'),
  insufficientDataActions: input.list('InsufficientDataActions'),
  tags: readTags(input),
});

function readMetric(input: Input): NonNullable<AlarmSpec['metric']> {
  const statistic = input.text('Statistic');
  const extendedStatistic = input.text('ExtendedStatistic');
  if ((statistic === undefined) === (extendedStatistic === undefined))
    throw invalid('Either Statistic or ExtendedStatistic must be specified, and not both.');
  if (statistic !== undefined && !STATISTICS.includes(statistic))
    throw invalid(`Statistic must be one of ${STATISTICS.join(', ')}.`);
  if (extendedStatistic !== undefined && !isStatistic(extendedStatistic))
    throw invalid(`The value ${extendedStatistic} for parameter ExtendedStatistic is not supported.`);
  return {
    namespace: input.require('Namespace'),
    name: input.require('MetricName'),
    dimensions: readDimensions(input),
    statistic,
    extendedStatistic,
    unit: input.text('Unit'),
    periodSeconds: checkPeriod(input.requireInt('Period')),
  };
}

export const readTags = (input: Input): Record<string, string> =>
  Object.fromEntries(input.objects('Tags').map((tag) => [tag.require('Key'), tag.text('Value') ?? '']));

/** Throws ValidationError for another word than these. */
export function oneOf<T extends string>(input: Input, name: string, words: readonly T[]): T | undefined {
  const text = input.text(name);
  const word = words.find((one) => one === text);
  if (text !== undefined && word === undefined)
    throw invalid(`The value ${text} for parameter ${name} must be one of ${words.join(', ')}.`);
  return word;
}

const invalid = (message: string) => new ServiceError('ValidationError', message);
