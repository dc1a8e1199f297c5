import type { Engine } from '../engine.ts';
import { type Datapoint, datapointsBetween } from './datapoints.ts';
import { calculate } from './math.ts';
import { expressionError } from './math-tokens.ts';
import type { Series } from './math-values.ts';
import { type MetricDataQuery, type SingleMetric, singleMetric } from './queries.ts';
import { statistic } from './statistics.ts';

/** Periods that a series has values for: one after the other from `start` (milliseconds), all of one length. */
export interface Grid {
  start: number;
  count: number;
  lengthMs: number;
  /** What expressions are told: the length before the engine's speed shortened it. */
  periodSeconds: number;
}

export function singleSeries(engine: Engine, metric: SingleMetric, grid: Grid): Series {
  const { start, count, lengthMs } = grid;
  const periods: Datapoint[][] = Array.from({ length: count }, () => []);
  for (const point of datapointsBetween(engine, metric, start, start + count * lengthMs, metric.unit))
    periods[Math.floor((point.at - start) / lengthMs)]?.push(point);
  return periods.map((points) => statistic(points, metric.statistic));
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
  known = new Map<string, Series | 'under way'>(),
): Series {
  if (query.MetricStat) return singleSeries(engine, singleMetric(query.MetricStat), grid);
  known.set(query.Id, 'under way');
  const lookup = (id: string): Series => {
    const before = known.get(id);
    if (before === 'under way') throw expressionError(query.Id, `${id} refers to itself`);
    if (before) return before;
    const other = queries.find(({ Id }) => Id === id);
    if (!other) throw expressionError(query.Id, `unknown identifier ${id}`);
    const series = evaluate(engine, queries, other, grid, known);
    known.set(id, series);
    return series;
  };
  const value = calculate(query.Expression ?? '', {
    id: query.Id,
    length: grid.count,
    periodSeconds: grid.periodSeconds,
    metricIds: queries.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id),
    lookup,
  });
  return Array.isArray(value) ? value : Array.from({ length: grid.count }, () => value);
}
