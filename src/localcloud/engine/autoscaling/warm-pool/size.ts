import type { GroupRecord } from '../groups.ts';

/** How many instances the pool is to hold: what lacks to the prepared capacity, at least its minimum. */
export function poolSize({ warmPool, max, desired }: GroupRecord): number {
  if (!warmPool || warmPool.deleting) return 0;
  return Math.max(warmPool.minSize, (warmPool.maxPrepared ?? max) - desired, 0);
}
