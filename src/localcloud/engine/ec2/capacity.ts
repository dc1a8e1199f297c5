import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

/** How many more instances of a type a zone can launch. Without a record: any number. */
export interface CapacityRecord {
  type: string;
  zone: string;
  available: number;
}

/** Keyed `type/zone`. */
export const capacity = (engine: Engine) => engine.store.table<CapacityRecord>('capacity');

export function hasCapacity(engine: Engine, type: string, zone: string, count = 1): boolean {
  return (capacity(engine).get(`${type}/${zone}`)?.available ?? Number.POSITIVE_INFINITY) >= count;
}

/** Throws InsufficientInstanceCapacity. */
export function takeCapacity(engine: Engine, type: string, zone: string, count: number): void {
  if (!hasCapacity(engine, type, zone, count)) {
    throw new ServiceError(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}).`,
      500,
    );
  }
  const key = `${type}/${zone}`;
  const record = capacity(engine).get(key);
  if (record) capacity(engine).patch(key, { available: record.available - count });
}

/** An instance of the type is gone from the zone, or does not run any more. */
export function giveCapacity(engine: Engine, type: string, zone: string): void {
  const key = `${type}/${zone}`;
  const record = capacity(engine).get(key);
  if (record) capacity(engine).patch(key, { available: record.available + 1 });
}

/** At most `most`, as many as the zone has. */
export const possibleCount = (engine: Engine, type: string, zone: string, most: number): number =>
  Math.min(most, capacity(engine).get(`${type}/${zone}`)?.available ?? most);
