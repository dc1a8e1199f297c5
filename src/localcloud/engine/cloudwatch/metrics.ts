import type { Engine } from '../engine.ts';
import { addDatapoint } from './datapoints.ts';
import { showInterest } from './interest.ts';
import type { Series } from './math-values.ts';
import { type MetricQuery, namespacesOf, resultOf } from './queries.ts';
import { evaluate, type Grid, singleSeries } from './series.ts';

/** One value of a metric. `timestamp` in milliseconds; default: now. */
export interface Datum {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  value: number;
  timestamp?: number;
  unit?: string;
}

/** Puts one value. The metric is there from its first value on. */
export function putMetric(engine: Engine, datum: Datum): void {
  const { namespace, name, dimensions, value, unit } = datum;
  const at = datum.timestamp ?? engine.clock.now();
  addDatapoint(
    engine,
    { namespace, name, dimensions },
    { at, sum: value, count: 1, minimum: value, maximum: value, values: [[value, 1]], unit },
  );
}

/**
 * The value of a metric, or of metric math, over one period: `start <= at < end`, milliseconds. Undefined without data.
 * `periodSeconds` is what the period is called in expressions (PERIOD, RATE), whatever the engine's speed makes of it.
 * Asking shows interest: AWS's own namespaces are published only while somebody reads them.
 * Throws ValidationError for an expression that cannot be understood.
 */
export function metricValue(
  engine: Engine,
  query: MetricQuery,
  { start, end, periodSeconds }: { start: number; end: number; periodSeconds: number },
): number | undefined {
  return seriesOf(engine, query, { start, count: 1, lengthMs: end - start, periodSeconds })[0];
}

/** The same for several periods: one value for each. */
export function seriesOf(engine: Engine, query: MetricQuery, grid: Grid): Series {
  for (const namespace of namespacesOf(query)) showInterest(engine, namespace);
  if (!Array.isArray(query)) return singleSeries(engine, query, grid);
  const result = resultOf(query);
  return result ? evaluate(engine, query, result, grid) : [];
}
