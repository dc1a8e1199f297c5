import type { RefreshPreferences } from './record.ts';

export interface Bounds {
  /** At least so many instances stay ready. */
  lower: number;
  /** At most so many are in service or pending. */
  upper: number;
  /** Without a maximum, one at a time is replaced even where `lower` leaves no room. */
  atLeastOne: boolean;
}

/**
 * How many instances a refresh keeps ready and how many it may have. Explicit bounds that leave no room (100/100, 90/110 of 2)
 * launch one above the desired capacity first; without a maximum, ending and launching go together.
 * Source: AWS RefreshPreferences (MinHealthyPercentage: rounded up), "Instance maintenance policies".
 */
export function boundsOf(desired: number, { min, max }: Pick<RefreshPreferences, 'min' | 'max'>): Bounds {
  const lower = Math.ceil((desired * min) / 100);
  if (max === undefined) return { lower, upper: desired, atLeastOne: true };
  const upper = Math.floor((desired * max) / 100);
  const noRoom = lower >= desired && upper <= desired;
  return { lower, upper: noRoom ? desired + 1 : upper, atLeastOne: false };
}
