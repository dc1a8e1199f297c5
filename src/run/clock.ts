import { setTimeout as delay } from 'node:timers/promises';
import { Interrupted } from './errors.ts';

/** Time as bake sees it: injected everywhere, so that a test can run a rollout on a virtual clock. Milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with `Interrupted` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal, options?: SleepOptions): Promise<void>;
  /** Told by `poll` when it has seen the end of a wait: the pause before that look, the most that was lost by not looking sooner. */
  noticed?(afterMs: number): void;
}

export interface SleepOptions {
  /** The process may end though this sleep has not. */
  background?: boolean;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal, { background = false } = {}) {
    try {
      await delay(ms, undefined, { signal, ref: !background });
    } catch {
      throw new Interrupted();
    }
  },
};
