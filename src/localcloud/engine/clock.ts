/** The engine's time. Every state machine asks it, so that the whole cloud can run on a virtual clock. Milliseconds. */
export interface EngineClock {
  now(): number;
  /** Calls `wake` once, when `at` has come; replaces the wake-up set before. `undefined` cancels it. */
  wakeAt(at: number | undefined, wake: () => void): void;
}

/** The machine's own time. Speed does not bend it: it shortens the engine's delays (see latency.ts). */
export function realClock(): EngineClock {
  let timer: NodeJS.Timeout | undefined;
  return {
    now: () => Date.now(),
    wakeAt(at, wake) {
      clearTimeout(timer);
      timer =
        at === undefined ? undefined : setTimeout(wake, Math.min(Math.max(0, at - Date.now()), 2 ** 31 - 1));
    },
  };
}

/** A clock that stands still until it is moved: deterministic tests of hours in milliseconds. */
export class VirtualClock implements EngineClock {
  #now: number;
  #due: { at: number; wake: () => void } | undefined;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wakeAt(at: number | undefined, wake: () => void): void {
    this.#due = at === undefined ? undefined : { at, wake };
  }

  /** Moves time forward, waking the engine at every moment it asked for. */
  advance(ms: number): void {
    const target = this.#now + ms;
    while (this.#due && this.#due.at <= target) {
      const { at, wake } = this.#due;
      this.#due = undefined;
      this.#now = Math.max(this.#now, at);
      wake();
    }
    this.#now = target;
  }
}
