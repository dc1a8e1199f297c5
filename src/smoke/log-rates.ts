import { count, formatDuration } from '../run/format.ts';

/** Errors that some instances logged, and for how long they were watched, all together. */
export interface ErrorCount {
  errors: number;
  /** Milliseconds, of all instances together: three for a minute are three minutes. */
  watched: number;
}

/**
 * How likely it is that the new instances log at least so many of all the errors when both log them at the same rate: the tail of a
 * binomial distribution (the conditional test for two Poisson rates). Pure.
 */
export function chanceOfMore(fresh: ErrorCount, old: ErrorCount): number {
  const all = fresh.errors + old.errors;
  const share = fresh.watched / (fresh.watched + old.watched);
  if (fresh.errors === 0 || share >= 1) return 1;
  if (share <= 0) return 0;
  let term = all * Math.log1p(-share); // log P(X = 0)
  let below = 0;
  for (let k = 0; k < fresh.errors; k++) {
    below += Math.exp(term);
    term += Math.log((all - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  // The tail itself where it is small: 1 - below has lost its digits by then.
  if (below < 0.5) return 1 - below;
  let tail = 0;
  for (let k = fresh.errors; k <= all; k++) {
    tail += Math.exp(term);
    term += Math.log((all - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return tail;
}

/** Less than this much more is no difference, however certain. */
const FACTOR = 1.5;
/** Below the first it is seen to be worse at once, in the middle of watching; below the second at the end; below the third it may be. */
const AT_ONCE = 0.001;
const CERTAIN = 0.01;
const DOUBTFUL = 0.05;

export type Comparison = 'worse' | 'perhaps worse' | 'not worse';

/** `final`: at the end of the watch; before it only what is beyond doubt is worse, for it is asked again and again. Pure. */
export function compareRates(fresh: ErrorCount, old: ErrorCount, final: boolean): Comparison {
  const ratio = fresh.errors / fresh.watched / (old.errors / old.watched);
  if (!(ratio > FACTOR)) return 'not worse';
  const chance = chanceOfMore(fresh, old);
  if (chance < (final ? CERTAIN : AT_ONCE)) return 'worse';
  return chance < DOUBTFUL ? 'perhaps worse' : 'not worse';
}

/** "12 errors in 4 m of instance time". Pure. */
export const rateWords = ({ errors, watched }: ErrorCount): string =>
  `${count(errors, 'error')} in ${formatDuration(watched)} of instance time`;
