import { BakeError, messageOf } from '../run/errors.ts';

/** Newer states of the same thing are told this far apart. Milliseconds; Slack takes about 50 changes of messages a minute. */
const PACE = 3_000;
/** How long the end of a run waits for what is still to be sent, milliseconds. */
const LAST_CALL = 10_000;

/**
 * Sends beside a run, never in its way, in order and one at a time. What fails becomes a warning, each reason once; what comes after is
 * tried nevertheless.
 */
export class Outbox {
  readonly #place: string;
  readonly #warn: (message: string) => void;
  readonly #told = new Set<string>();
  readonly #pace: number;
  #tail: Promise<void> = Promise.resolve();
  #newest: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `place`: who is told, for warnings. `pace`: how far apart newer states are told, milliseconds. */
  constructor(place: string, warn: (message: string) => void, pace = PACE) {
    this.#place = place;
    this.#pace = pace;
    this.#warn = warn;
  }

  send(work: () => Promise<unknown>): void {
    const attempt = async () => {
      try {
        if (!this.#closed) await work();
      } catch (error) {
        this.#failed(wordsOf(error));
      }
    };
    this.#tail = this.#tail.then(attempt);
  }

  /** Sends the newest state of something that is told now and then: of several that wait, only the last goes. */
  newest(work: () => Promise<unknown>): void {
    const isFirst = this.#newest === undefined;
    this.#newest = async () => void (await work());
    if (isFirst) this.#schedule();
  }

  /** Resolves when everything is sent, or cannot be: then `giveUp` ends what is under way. */
  async close(giveUp: () => void): Promise<void> {
    clearTimeout(this.#timer);
    this.#sendNewest();
    let late: NodeJS.Timeout | undefined;
    const lastCall = new Promise<'late'>((resolve) => {
      late = setTimeout(() => resolve('late'), LAST_CALL);
    });
    const ended = await Promise.race([this.#tail, lastCall]);
    clearTimeout(late);
    if (ended === 'late') this.#failed(`not everything could be said within ${LAST_CALL / 1_000} s`);
    this.#closed = true;
    giveUp();
  }

  #schedule(): void {
    const within = Math.max(0, this.#sentAt + this.#pace - performance.now());
    this.#timer = setTimeout(() => this.#sendNewest(), within);
    this.#timer.unref();
  }

  #sendNewest(): void {
    this.send(async () => {
      const work = this.#newest;
      this.#newest = undefined;
      await work?.();
      this.#sentAt = performance.now();
    });
  }

  #failed(why: string): void {
    if (this.#closed || this.#told.has(why)) return;
    this.#told.add(why);
    this.#warn(`${this.#place} was not told: ${why}`);
  }
}

/** With what to do about it. */
const wordsOf = (error: unknown): string =>
  error instanceof BakeError && error.hint !== undefined
    ? `${error.message}. ${error.hint}`
    : messageOf(error);
