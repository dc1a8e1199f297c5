import type { Engine } from '../engine.ts';

/** A metric is its namespace, its name and its dimensions; it exists from its first datum on. */
export interface MetricRecord {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  /** When a datum last came, milliseconds. */
  lastAt: number;
}

/** What came for one metric at one moment, as a statistic set. */
export interface Datapoint {
  /** Milliseconds. */
  at: number;
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
  /** Values and how often each came: what percentiles are made of. Undefined where only a statistic set came. */
  values?: [value: number, count: number][];
  unit?: string;
}

/** More than a day of one per minute; the oldest go first. CloudWatch itself thins them out over 15 months. */
const MOST_PER_METRIC = 2_000;

/** CloudWatch keeps what is finer than five minutes for 15 days. */
const RETENTION_MS = 15 * 24 * 3_600_000;

export const metrics = (engine: Engine) => engine.store.table<MetricRecord>('metrics');

export const metricKey = (namespace: string, name: string, dimensions: Record<string, string>): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

const pointsOf = (engine: Engine, key: string) => engine.store.table<Datapoint>(`datapoints/${key}`);

/** Adds a datum; one of the same moment and unit is merged with what is there. */
export function addDatapoint(engine: Engine, metric: Omit<MetricRecord, 'lastAt'>, point: Datapoint): void {
  const key = metricKey(metric.namespace, metric.name, metric.dimensions);
  const { namespace, name, dimensions } = metric;
  metrics(engine).put(key, { namespace, name, dimensions, lastAt: engine.clock.now() });
  const points = pointsOf(engine, key);
  const id = `${point.at} ${point.unit ?? 'None'}`;
  const before = points.get(id);
  points.put(id, before ? merge(before, point) : point);
  const oldest = engine.clock.now() - RETENTION_MS;
  for (const [other, { at }] of points.entries()) {
    if (points.size <= MOST_PER_METRIC && at >= oldest) break;
    points.delete(other);
  }
}

/** What came in `start <= at < end`, in milliseconds. With a unit: only what came in this unit. */
export function datapointsBetween(
  engine: Engine,
  metric: Omit<MetricRecord, 'lastAt'>,
  start: number,
  end: number,
  unit?: string,
): Datapoint[] {
  const key = metricKey(metric.namespace, metric.name, metric.dimensions);
  if (!metrics(engine).has(key)) return [];
  return pointsOf(engine, key).filter(
    (point) => point.at >= start && point.at < end && (unit === undefined || (point.unit ?? 'None') === unit),
  );
}

export function merge(a: Datapoint, b: Datapoint): Datapoint {
  return {
    at: Math.min(a.at, b.at),
    sum: a.sum + b.sum,
    count: a.count + b.count,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: a.values && b.values ? [...a.values, ...b.values] : undefined,
    unit: a.unit,
  };
}
