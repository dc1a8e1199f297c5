import { type MetricDataQuery, resultOf } from '../../engine/cloudwatch/queries.ts';
import { isStatistic } from '../../engine/cloudwatch/statistics.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import { checkPeriod, readDimensions, viewDimensions } from './shapes.ts';

/** Queries as they stand in GetMetricData and PutMetricAlarm. Throws ValidationError, MissingParameter. */
export function readQueries(inputs: Input[]): MetricDataQuery[] {
  const queries = inputs.map(readQuery);
  const ids = queries.map(({ Id }) => Id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw invalid(`The value ${twice} for parameter Id is not unique.`);
  return queries;
}

function readQuery(input: Input): MetricDataQuery {
  const id = input.require('Id');
  if (!/^[a-z]\w*$/.test(id))
    throw invalid(
      `The value ${id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  const stat = input.object('MetricStat');
  const expression = input.text('Expression');
  if ((stat === undefined) === (expression === undefined))
    throw invalid('Either Expression or MetricStat must be specified, and not both.');
  return {
    Id: id,
    Expression: expression,
    MetricStat: stat && readStat(stat),
    Label: input.text('Label'),
    ReturnData: input.bool('ReturnData'),
    Period: input.has('Period') ? checkPeriod(input.requireInt('Period')) : undefined,
  };
}

function readStat(input: Input): NonNullable<MetricDataQuery['MetricStat']> {
  const metric = input.object('Metric');
  if (!metric) throw new ServiceError('MissingParameter', 'The request must contain the parameter Metric.');
  const statistic = input.require('Stat');
  if (!isStatistic(statistic)) throw invalid(`The value ${statistic} for parameter Stat is not supported.`);
  return {
    Metric: {
      Namespace: metric.require('Namespace'),
      MetricName: metric.require('MetricName'),
      Dimensions: viewDimensions(readDimensions(metric)),
    },
    Period: checkPeriod(input.requireInt('Period')),
    Stat: statistic,
    Unit: input.text('Unit'),
  };
}

/** Queries of which exactly one gives the result, as an alarm needs them. Throws ValidationError. */
export function readAlarmQueries(inputs: Input[]): MetricDataQuery[] {
  const queries = readQueries(inputs);
  const results = queries.filter(({ ReturnData }) => ReturnData !== false);
  if (results.length !== 1 || !resultOf(queries))
    throw invalid('Exactly one element of the metrics list should return data.');
  return queries;
}

const invalid = (message: string) => new ServiceError('ValidationError', message);
