import type { InstanceRefresh } from '../clouds/cloud.ts';

/** What bake knows of its gates. */
export interface GateBook {
  /** The highest checkpoint whose gate has passed; 0 at first. 100: the last gate, too. */
  passed: number;
  /** The checkpoint whose gate is running. */
  running?: number;
}

export type Move =
  | { do: 'wait' }
  /** Run the smoke tests; `at` 100 is the last gate. */
  | { do: 'gate'; at: number }
  | { do: 'finish' }
  /** The refresh went wrong by itself. `by` says whether the cloud is rolling back (or has) already. */
  | { do: 'fail'; reason: string; by: 'cloud' | 'nobody' };

type Seen = Pick<InstanceRefresh, 'state' | 'percent' | 'reason' | 'rollback' | 'checkpoints'>;

/**
 * What to do about a refresh as it was just seen. A checkpoint has no state of its own (AWS: the refresh stays InProgress), so
 * it counts as reached when the percentage is; several passed at once need one gate, for the highest. The last gate runs while
 * the fleet soaks or, where nothing soaks, after the end: then the refresh cannot be rolled back any more and a new one does. Pure.
 */
export function nextMove(seen: Seen, book: GateBook): Move {
  switch (seen.state) {
    case 'pending':
      return { do: 'wait' };
    case 'in-progress':
      return gateAt(
        Math.max(0, ...seen.checkpoints.filter((checkpoint) => checkpoint <= seen.percent)),
        book,
      );
    case 'baking':
      return gateAt(100, book);
    case 'successful':
      return book.running === undefined && book.passed >= 100 ? { do: 'finish' } : gateAt(100, book);
    case 'rollback-in-progress':
    case 'rollback-successful':
    case 'rollback-failed':
      return {
        do: 'fail',
        by: 'cloud',
        reason: seen.rollback?.reason || seen.reason || 'the cloud rolled back',
      };
    case 'failed':
      return { do: 'fail', by: 'nobody', reason: seen.reason || 'the instance refresh failed' };
    case 'cancelling':
    case 'cancelled':
      return { do: 'fail', by: 'nobody', reason: 'someone cancelled the instance refresh' };
  }
}

const gateAt = (at: number, book: GateBook): Move =>
  book.running === undefined && at > book.passed ? { do: 'gate', at } : { do: 'wait' };
