import { addDatapoint, type Datapoint } from '../../engine/cloudwatch/datapoints.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { moment, number, readDimensions } from './shapes.ts';

const MOST_DATA = 1_000;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 150;
const OLDEST_MS = 14 * 24 * 3_600_000;
const NEWEST_MS = 2 * 3_600_000;

/** All or none. */
export const PutMetricData: Operation = (input, { engine }) => {
  const namespace = input.require('Namespace');
  if (namespace.startsWith('AWS/'))
    throw wrong('The value AWS/ for parameter Namespace is invalid: it is reserved.');
  const data = [...input.objects('MetricData'), ...ofEntities(input)];
  if (data.length > MOST_DATA)
    throw wrong(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
  const now = engine.clock.now();
  const read = data.map((one) => ({
    metric: { namespace, name: one.require('MetricName'), dimensions: readDimensions(one) },
    point: readPoint(one, now),
  }));
  for (const { metric } of read) {
    if (Object.keys(metric.dimensions).length > MOST_DIMENSIONS)
      throw wrong(`The collection Dimensions must not have a size greater than ${MOST_DIMENSIONS}.`);
  }
  for (const { metric, point } of read) addDatapoint(engine, metric, point);
};

const ofEntities = (input: Input) =>
  input.objects('EntityMetricData').flatMap((entity) => entity.objects('MetricData'));

function readPoint(input: Input, now: number): Datapoint {
  const at = moment(input, 'Timestamp') ?? now;
  if (at < now - OLDEST_MS || at > now + NEWEST_MS)
    throw wrong(
      'The parameter Timestamp must specify a time no more than two weeks ago and within two hours.',
    );
  const point = readStatistics(input) ?? ofValues(readValues(input));
  return { ...point, at, unit: input.text('Unit') };
}

type Statistics = Omit<Datapoint, 'at' | 'unit'>;

/** Values with how often each came; undefined where a statistic set came instead. */
function readValues(input: Input): [number, number][] {
  const single = number(input, 'Value');
  const values = input.list('Values').map(Number);
  const counts = input.list('Counts').map(Number);
  if (single === undefined && values.length === 0) {
    throw new ServiceError(
      'MissingParameter',
      'At least one of the parameters Value, Values and StatisticValues must be specified.',
    );
  }
  if (single !== undefined) {
    if (values.length > 0) throw together('Value', 'Values');
    return [[single, 1]];
  }
  if (counts.length > 0 && counts.length !== values.length)
    throw wrong('The parameters Values and Counts must have the same number of elements.');
  if (values.length > MOST_VALUES) throw wrong(`At most ${MOST_VALUES} values are possible.`);
  if (![...values, ...counts].every(Number.isFinite)) throw wrong('Values and Counts must be numbers.');
  return values.map((value, index) => [value, counts[index] ?? 1]);
}

function ofValues(values: [number, number][]): Statistics {
  const numbers = values.map(([value]) => value);
  return {
    sum: values.reduce((sum, [value, count]) => sum + value * count, 0),
    count: values.reduce((sum, [, count]) => sum + count, 0),
    minimum: Math.min(...numbers),
    maximum: Math.max(...numbers),
    values,
  };
}

function readStatistics(input: Input): Statistics | undefined {
  const set = input.object('StatisticValues');
  if (!set) return undefined;
  for (const other of ['Value', 'Values']) if (input.has(other)) throw together(other, 'StatisticValues');
  const read = (name: string): number => {
    set.require(name);
    return number(set, name) as number;
  };
  return {
    sum: read('Sum'),
    count: read('SampleCount'),
    minimum: read('Minimum'),
    maximum: read('Maximum'),
  };
}

const wrong = (message: string) => new ServiceError('InvalidParameterValue', message);

const together = (one: string, other: string) =>
  new ServiceError(
    'InvalidParameterCombination',
    `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`,
  );
