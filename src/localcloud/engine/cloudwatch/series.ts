import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { datapointsBetween } from './datapoints.ts';
import { calculate } from './math.ts';
import { type MetricDataQuery, type SingleMetric, singleMetric } from './queries.ts';
import { statistic } from './statistics.ts';

/** Periods that a series has values for: their starts in milliseconds, oldest first, all of one length. */
export interface Grid {
  starts: number[];
  lengthMs: number;
  /** What expressions are told: the length before the engine's speed shortened it. */
  periodSeconds: number;
}

/** One value per period of a grid; undefined where there is none. */
export type Series = (number | undefined)[];

export function singleSeries(engine: Engine, metric: SingleMetric, { starts, lengthMs }: Grid): Series {
  const first = starts[0] ?? 0;
  const last = (starts.at(-1) ?? 0) + lengthMs;
  const points = datapointsBetween(engine, metric, first, last, metric.unit);
  return starts.map((start) =>
    statistic(
      points.filter(({ at }) => at >= start && at < start + lengthMs),
      metric.statistic,
    ),
  );
}

/**
 * One query of several as a series; expressions may name the others by id.
 * Throws ValidationError for unknown ids, circles and expressions that cannot be understood.
 */
export function evaluate(
  engine: Engine,
  queries: MetricDataQuery[],
  query: MetricDataQuery,
  grid: Grid,
  way: string[] = [],
): Series {
  if (query.MetricStat) return singleSeries(engine, singleMetric(query.MetricStat), grid);
  if (way.includes(query.Id))
    throw new ServiceError('ValidationError', `The expression of ${query.Id} refers to itself.`);
  const lookup = (id: string): Series => {
    const other = queries.find(({ Id }) => Id === id);
    if (!other)
      throw new ServiceError(
        'ValidationError',
        `Error in expression '${query.Id}': Unknown identifier ${id}`,
      );
    return evaluate(engine, queries, other, grid, [...way, query.Id]);
  };
  const metricIds = queries.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id);
  const value = calculate(query.Expression ?? '', {
    id: query.Id,
    length: grid.starts.length,
    periodSeconds: grid.periodSeconds,
    metricIds,
    lookup,
  });
  return Array.isArray(value) ? value : grid.starts.map(() => value);
}
