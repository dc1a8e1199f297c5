import type { Clock } from './clock.ts';
import { DeadlineExceeded, messageOf } from './errors.ts';
import { type Pace, poll } from './poll.ts';

export interface RetryOptions {
  /** Whether this failure may pass by itself. Any other ends the retries at once. */
  passes: (error: unknown) => boolean;
  /** How long to go on, milliseconds. */
  within: number;
  clock: Clock;
  /** Default: soon, then every two seconds. */
  interval?: Pace;
  signal?: AbortSignal;
}

/** Calls again while the failure is one that passes; after `within` the last failure is thrown as it came. */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { passes, within, clock, signal, interval = { first: 250, longest: 2_000 } } = options;
  let last: unknown;
  const attempt = async () => {
    try {
      return { done: true as const, value: await call() };
    } catch (error) {
      if (!passes(error)) throw error;
      last = error;
      return { done: false as const, state: messageOf(error) };
    }
  };
  try {
    return await poll(attempt, {
      what: 'a passing failure to pass',
      timeout: within,
      clock,
      signal,
      interval,
    });
  } catch (error) {
    throw error instanceof DeadlineExceeded && last !== undefined ? last : error;
  }
}
