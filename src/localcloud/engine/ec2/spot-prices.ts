import { createHash } from 'node:crypto';
import { INSTANCE_TYPES } from './instance-types.ts';

/** US dollars an hour that an instance of the type costs: made up, but in the order of real ones. */
export function onDemandPrice(type: string): number {
  const { vcpus = 2, memoryMiB = 4096 } = INSTANCE_TYPES.get(type) ?? {};
  return vcpus * 0.024 + (memoryMiB / 1024) * 0.0045;
}

/** A spot instance's: 30 to 45 % of that, other in every zone, always the same. */
export function spotPrice(type: string, zone: string): number {
  const byte = createHash('sha256').update(`${type}/${zone}`).digest()[0] as number;
  return onDemandPrice(type) * (0.3 + (0.15 * byte) / 255);
}
