import type { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import type { Clock } from '../../src/run/clock.ts';
import { Interrupted } from '../../src/run/errors.ts';

/**
 * One virtual time for bake and the cloud beneath it. Time stands still while bake works (a call to the cloud is under way) and
 * jumps to the next moment that anything sleeps for once nothing does: hours pass in milliseconds, in the right order.
 */
export class SharedClock implements Clock {
  readonly #virtual: VirtualClock;
  /** What else lives in this time: called after each jump, and awaited before anyone wakes up. */
  readonly #others: () => Promise<void>;
  #sleepers: { at: number; wake: () => void }[] = [];
  #calls = 0;
  #jumping = false;
  #stopped = false;
  /** What the others do in the jump that is under way. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(virtual: VirtualClock, others: () => Promise<void>) {
    this.#virtual = virtual;
    this.#others = others;
  }

  now(): number {
    return this.#virtual.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.now() + Math.ceil(ms), wake: resolve }; // Clouds take whole milliseconds.
      const leave = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(new Interrupted());
      };
      if (signal?.aborted) return reject(new Interrupted());
      sleeper.wake = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#sleepers.push(sleeper);
      this.#soon();
    });
  }

  /** The same object; while one of its methods is under way, time stands still. */
  watch<T extends object>(watched: T): T {
    return new Proxy(watched, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === 'object' && value !== null) return this.watch(value);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => this.#hold(value.apply(target, args));
      },
    });
  }

  #hold(result: unknown): unknown {
    // Another part of the same thing: a cloud's other region.
    if (typeof result === 'object' && result !== null && !(result instanceof Promise))
      return this.watch(result);
    if (!(result instanceof Promise)) return result;
    this.#calls++;
    return result.finally(() => {
      this.#calls--;
      this.#soon();
    });
  }

  /** Time stands still from now on: who still sleeps then never wakes up. Resolves when nobody does anything in it any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
  }

  /** A few turns later, so that whoever was just answered can begin its next call or its next sleep. */
  #soon(turns = 5): void {
    setImmediate(() => (turns > 0 ? this.#soon(turns - 1) : void this.#jump()));
  }

  async #jump(): Promise<void> {
    if (this.#stopped || this.#jumping || this.#calls > 0 || this.#sleepers.length === 0) return;
    this.#jumping = true;
    const next = this.#sleepers.reduce((a, b) => (b.at < a.at ? b : a));
    this.#virtual.advance(Math.max(0, next.at - this.now()));
    try {
      const turn = this.#others();
      this.#turn = turn.catch(() => {});
      await turn;
    } finally {
      this.#jumping = false;
    }
    // It may have been interrupted meanwhile.
    if (this.#sleepers.includes(next)) {
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
    }
    this.#soon();
  }
}
