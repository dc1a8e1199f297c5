import { usageError } from '../../run/errors.ts';
import type { Scaling } from '../cloud.ts';

/**
 * Scaling rules of ESS are left to whoever makes them: what bake's scaling files say (metric math, steps of an alarm, time zones) has no
 * like there. A group's rules and tasks go along to its other colour (`copies`). So there is nothing of bake's, and nothing to take away.
 */
export function scaling(): Scaling {
  const refuse = async (): Promise<never> => {
    throw usageError(
      'scaling files (fleet.scaling) are written for AWS: scaling rules of ESS have neither metric math nor time zones',
      'Make the rules in ESS, and leave fleet.scaling out; bake keeps them, and copies them to the other colour.',
    );
  };
  return {
    policies: async () => [],
    putPolicy: refuse,
    removePolicy: async () => {},
    removeAlarms: async () => {},
    schedules: async () => [],
    putSchedule: refuse,
    removeSchedule: async () => {},
  };
}
