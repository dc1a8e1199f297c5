import type { Engine } from '../engine.ts';
import { setSetting, setting } from './settings.ts';

/**
 * Lets describe operations not find a new instance, image or launch template version for so many milliseconds after it was made,
 * as it happens on EC2 for moments. 0, the default: everything is found at once.
 */
export const setEventualConsistency = (engine: Engine, ms: number): void =>
  setSetting(engine, 'eventualConsistency', { ms });

export const eventualConsistency = (engine: Engine): number =>
  setting(engine, 'eventualConsistency')?.ms ?? 0;

/** Whether describe operations find by now what was made then. */
export const isFound = (engine: Engine, createdAt: number): boolean =>
  createdAt + eventualConsistency(engine) <= engine.clock.now();
