import type { Engine } from '../engine.ts';
import { isOfInterest } from './interest.ts';

/** The clouds' services send their metrics each minute. Milliseconds, before the engine's speed shortens them. */
const INTERVAL_MS = 60_000;

const published = (engine: Engine) => engine.store.table<number>('metricsPublished');

/** Publishes a service's metrics each minute as long as somebody reads them; says when the next time comes. */
export function publishEachMinute(
  engine: Engine,
  namespace: string,
  now: number,
  publish: () => void,
): number | undefined {
  if (!isOfInterest(engine, namespace)) return undefined;
  const interval = engine.latency.scale(INTERVAL_MS);
  const due = (published(engine).get(namespace) ?? Number.NEGATIVE_INFINITY) + interval;
  if (due > now) return due;
  published(engine).put(namespace, now);
  publish();
  return now + interval;
}
