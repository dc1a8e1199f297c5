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
  /** How often to look. */
  interval?: Pace;
  /** What to do when the deadline passes; becomes the error's hint. */
  hint?: string;
}

/** How often to look for the end of a wait. Milliseconds. */
export interface Pace {
  /** Nothing can have happened before this; default: the first look is at once. */
  delay?: number;
  /** First and longest pause between two looks (defaults 250 and 5000); the pause grows by half each time. */
  first?: number;
  longest?: number;
  /**
   * When the end came the last time, from the beginning of the wait. There is one look half-way, in case it comes much sooner now, and
   * then several around that time; past it, pauses grow as ever.
   */
  expected?: number;
}

/**
 * What one look found: done with a value, or still waiting in `state` (kept for the deadline's error message). `after` is when to look
 * next, milliseconds, where the look knows better than the pace.
 */
export type Look<T> =
  | { done: true; value: T }
  | { done: false; state: string; soon?: boolean; after?: number };

/**
 * The one way to wait: look, pause, look again, until done, the deadline, or the signal.
 * The pause is jittered (so that many bakes do not look in step) and grows; a look that says `soon`
 * (a change is near) shortens it to the first interval again. Errors thrown by `look` end the wait.
 */
export async function poll<T>(look: () => Promise<Look<T>>, options: PollOptions): Promise<T> {
  const { clock, signal, timeout } = options;
  const { first = 250, longest = 5_000, delay = 0, expected } = options.interval ?? {};
  const begun = clock.now();
  const deadline = begun + timeout;
  let slept = 0;
  if (expected !== undefined || delay > 0) {
    slept = Math.min(timeout, expected === undefined ? delay : expected / 2);
    await clock.sleep(slept, signal);
  }
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
    const aimed = seen.after ?? (expected && pauseTowards(expected, clock.now() - begun, longest));
    slept = Math.min(left, aimed || pause * (0.8 + Math.random() * 0.4));
    if (aimed) pause = Math.min(first, aimed);
    await clock.sleep(slept, signal);
  }
}

/** How close the looks around the expected time are, as a part of it. */
const CLOSE = 0.07;

/** The pause before the next look at a wait that usually ends at `expected`; 0 when that is long past. */
export function pauseTowards(expected: number, elapsed: number, longest: number): number {
  if (elapsed > expected * 1.3) return 0;
  const jittered = CLOSE * expected * (0.9 + Math.random() * 0.2);
  return Math.max(expected - jittered - elapsed, Math.min(longest, Math.max(jittered, 50)));
}
