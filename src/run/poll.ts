import type { Clock } from './clock.ts';
import { DeadlineExceeded, Interrupted } from './errors.ts';
import { formatDuration } from './format.ts';

export interface PollOptions {
  /** What is awaited, for the error: "image ami-1 to become available". */
  what: string;
  /** Deadline from now, milliseconds. */
  timeout: number;
  clock: Clock;
  signal?: AbortSignal;
  /** First and longest pause between two looks, milliseconds (defaults 250 and 5000); the pause grows by half each time. */
  interval?: { first?: number; longest?: number };
  /** What to do when the deadline passes; becomes the error's hint. */
  hint?: string;
}

/** What one look found: done with a value, or still waiting in `state` (kept for the deadline's error message). */
export type Look<T> = { done: true; value: T } | { done: false; state: string; soon?: boolean };

/**
 * The one way to wait: look, pause, look again, until done, the deadline, or the signal.
 * The pause is jittered (so that many bakes do not look in step) and grows; a look that says `soon`
 * (a change is near) shortens it to the first interval again. Errors thrown by `look` end the wait.
 */
export async function poll<T>(look: () => Promise<Look<T>>, options: PollOptions): Promise<T> {
  const { clock, signal, timeout } = options;
  const first = options.interval?.first ?? 250;
  const longest = options.interval?.longest ?? 5_000;
  const deadline = clock.now() + timeout;
  let slept = 0;
  for (let pause = first; ; pause = Math.min(pause * 1.5, longest)) {
    if (signal?.aborted) throw new Interrupted();
    const seen = await look();
    if (seen.done) {
      clock.noticed?.(slept);
      return seen.value;
    }
    if (seen.soon) pause = first;
    const left = deadline - clock.now();
    if (left <= 0) {
      throw new DeadlineExceeded(
        `${options.what}: not after ${formatDuration(timeout)} (last seen: ${seen.state})`,
        { hint: options.hint },
      );
    }
    slept = Math.min(left, pause * (0.8 + Math.random() * 0.4));
    await clock.sleep(slept, signal);
  }
}
