import { type MetricRecord, metrics } from '../../engine/cloudwatch/datapoints.ts';
import { showInterest } from '../../engine/cloudwatch/interest.ts';
import { seriesOf } from '../../engine/cloudwatch/metrics.ts';
import { namespacesOf } from '../../engine/cloudwatch/queries.ts';
import { evaluate, type Grid } from '../../engine/cloudwatch/series.ts';
import { isStatistic, STATISTICS } from '../../engine/cloudwatch/statistics.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { readQueries } from './queries.ts';
import {
  checkPeriod,
  EntryMap,
  Moment,
  pageOf,
  readDimensions,
  requireMoment,
  viewDimensions,
} from './shapes.ts';

/** AWS: GetMetricData gives up to 100,800 data points, GetMetricStatistics up to 1,440. */
const MOST_OF_DATA = 100_800;
const MOST_OF_STATISTICS = 1_440;

/** Expressions are calculated over the longest period of the metrics. Everything comes in one page. */
export const GetMetricData: Operation = (input, { engine }) => {
  const queries = readQueries(input.objects('MetricDataQueries'));
  const [start, end] = window(input);
  const ascending = input.text('ScanBy') === 'TimestampAscending';
  const longest = Math.max(0, ...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 0));
  for (const namespace of namespacesOf(queries)) showInterest(engine, namespace);
  return {
    MetricDataResults: queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .map((query) => {
        const grid = gridOf(
          start,
          end,
          query.MetricStat?.Period ?? query.Period ?? (longest || 60),
          MOST_OF_DATA,
        );
        const found = present(grid, evaluate(engine, queries, query, grid));
        if (!ascending) found.reverse();
        return {
          Id: query.Id,
          Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
          Timestamps: found.map(({ at }) => new Moment(at)),
          Values: found.map(({ value }) => value),
          StatusCode: 'Complete',
        };
      }),
    Messages: [],
  };
};

export const GetMetricStatistics: Operation = (input, { engine }) => {
  const namespace = input.require('Namespace');
  const name = input.require('MetricName');
  const dimensions = readDimensions(input);
  const unit = input.text('Unit');
  const [start, end] = window(input);
  const grid = gridOf(start, end, checkPeriod(input.requireInt('Period')), MOST_OF_STATISTICS);
  const [plain, extended] = [input.list('Statistics'), input.list('ExtendedStatistics')];
  if (plain.length + extended.length === 0)
    throw new ServiceError('MissingParameter', 'Statistics or ExtendedStatistics must be specified.');
  const wrong = [
    ...plain.filter((one) => !STATISTICS.includes(one)),
    ...extended.filter((one) => !isStatistic(one)),
  ];
  if (wrong.length > 0)
    throw new ServiceError('InvalidParameterValue', `The statistic ${wrong.join(', ')} is not supported.`);
  const series = new Map(
    ['SampleCount', ...plain, ...extended].map((statistic) => [
      statistic,
      seriesOf(engine, { namespace, name, dimensions, statistic, unit }, grid),
    ]),
  );
  const valueIn = (statistic: string, period: number) => series.get(statistic)?.[period];
  const periods = (series.get('SampleCount') ?? []).flatMap((count, period) =>
    count === undefined ? [] : [period],
  );
  return {
    Label: name,
    Datapoints: periods.map((period) => ({
      Timestamp: new Moment(grid.start + period * grid.lengthMs),
      ...Object.fromEntries(plain.map((statistic) => [statistic, valueIn(statistic, period)])),
      ...(extended.length > 0 && {
        ExtendedStatistics: new EntryMap(
          Object.fromEntries(
            extended
              .map((statistic) => [statistic, valueIn(statistic, period)])
              .filter(([, value]) => value !== undefined),
          ),
        ),
      }),
      Unit: unit ?? 'None',
    })),
  };
};

export const ListMetrics: Operation = (input, { engine }) => {
  const namespace = input.text('Namespace');
  const name = input.text('MetricName');
  const wanted = input
    .objects('Dimensions')
    .map((one) => ({ key: one.require('Name'), value: one.text('Value') }));
  const since = input.text('RecentlyActive') === 'PT3H' ? engine.clock.now() - 3 * 3_600_000 : 0;
  if (namespace !== undefined) showInterest(engine, namespace);
  const found = metrics(engine).filter(
    (metric: MetricRecord) =>
      (namespace === undefined || metric.namespace === namespace) &&
      (name === undefined || metric.name === name) &&
      metric.lastAt >= since &&
      wanted.every(
        ({ key, value }) =>
          Object.hasOwn(metric.dimensions, key) && (value === undefined || metric.dimensions[key] === value),
      ),
  );
  const { items, next } = pageOf(input, found, 500);
  return {
    Metrics: items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: viewDimensions(metric.dimensions),
    })),
    NextToken: next,
  };
};

function window(input: Input): [start: number, end: number] {
  const start = requireMoment(input, 'StartTime');
  const end = requireMoment(input, 'EndTime');
  if (start >= end) {
    throw new ServiceError(
      'InvalidParameterValue',
      'The parameter StartTime must be less than the parameter EndTime.',
    );
  }
  return [start, end];
}

/** Periods begin at multiples of their length, as CloudWatch has them. Throws InvalidParameterCombination for too many. */
function gridOf(start: number, end: number, periodSeconds: number, most: number): Grid {
  const lengthMs = periodSeconds * 1_000;
  const first = Math.floor(start / lengthMs) * lengthMs;
  const count = Math.ceil((end - first) / lengthMs);
  if (count > most) {
    throw new ServiceError(
      'InvalidParameterCombination',
      `You have requested up to ${count} datapoints, which exceeds the limit of ${most}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  return { start: first, count, lengthMs, periodSeconds };
}

const present = ({ start, lengthMs }: Grid, series: (number | undefined)[]) =>
  series.flatMap((value, period) => (value === undefined ? [] : [{ at: start + period * lengthMs, value }]));
