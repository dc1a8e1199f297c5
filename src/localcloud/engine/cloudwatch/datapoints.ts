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

/** Over an hour of one per second, or three days of one per minute; the oldest go first. */
const MOST_PER_METRIC = 5_000;

/** CloudWatch tells no moments apart that are closer than this. Milliseconds, before the engine's speed shortens them. */
const RESOLUTION_MS = 1_000;

/** CloudWatch keeps what is finer than five minutes for 15 days. */
const RETENTION_MS = 15 * 24 * 3_600_000;

export const metrics = (engine: Engine) => engine.store.table<MetricRecord>('metrics');

export const metricKey = (namespace: string, name: string, dimensions: Record<string, string>): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

const pointsOf = (engine: Engine, key: string) => engine.store.table<Datapoint>(`datapoints/${key}`);

/** Adds a datum; those of the same second and unit are kept as one. */
export function addDatapoint(engine: Engine, metric: Omit<MetricRecord, 'lastAt'>, point: Datapoint): void {
  const key = metricKey(metric.namespace, metric.name, metric.dimensions);
  const { namespace, name, dimensions } = metric;
  metrics(engine).put(key, { namespace, name, dimensions, lastAt: engine.clock.now() });
  const points = pointsOf(engine, key);
  const moment = Math.floor(point.at / Math.max(1, engine.latency.scale(RESOLUTION_MS)));
  const id = `${moment} ${point.unit ?? 'None'}`;
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

function merge(a: Datapoint, b: Datapoint): Datapoint {
  return {
    at: Math.min(a.at, b.at),
    sum: a.sum + b.sum,
    count: a.count + b.count,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: a.values && b.values && addCounts([...a.values, ...b.values]),
    unit: a.unit,
  };
}

function addCounts(values: [number, number][]): [number, number][] {
  const counts = new Map<number, number>();
  for (const [value, count] of values) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts];
}
