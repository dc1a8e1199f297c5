import type { Engine } from '../engine.ts';

/** Namespaces that somebody has asked for, and when (milliseconds): what nobody reads is not published. */
const asked = (engine: Engine) => engine.store.table<number>('metricInterest');

/** Interest that was shown once lasts so long, and is noted again when it is half as old. */
const LASTS_MS = 15 * 60_000;

/** Notes that somebody reads a namespace. */
export function showInterest(engine: Engine, namespace: string): void {
  const before = asked(engine).get(namespace);
  const now = engine.clock.now();
  if (before === undefined || now - before > LASTS_MS / 2) asked(engine).put(namespace, now);
}

export const isOfInterest = (engine: Engine, namespace: string): boolean =>
  engine.clock.now() - (asked(engine).get(namespace) ?? Number.NEGATIVE_INFINITY) < LASTS_MS;
