import type { Clock } from '../run/clock.ts';
import { poll } from '../run/poll.ts';

/** How long a cloud may deny knowing what it has just made. Seen: seconds; AWS's own advice: retry for a minute. Milliseconds. */
export const CONSISTENCY_WINDOW = 60_000;

/** What this process has just made: clouds are eventually consistent, and may not know it yet. */
export class Fresh {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers that this was made just now. */
  made(id: string): void {
    this.#until.set(id, this.#clock.now() + CONSISTENCY_WINDOW);
  }

  /** It is known to be gone: nobody waits for it to appear. */
  gone(id: string): void {
    this.#until.delete(id);
  }

  /** Whether the cloud may not know it yet. */
  has(id: string): boolean {
    return (this.#until.get(id) ?? 0) > this.#clock.now();
  }

  /** Looks again while something made a moment ago is missing from what was found. */
  async findAll<T extends { id: string }>(
    ids: string[],
    find: (ids: string[]) => Promise<T[]>,
  ): Promise<T[]> {
    if (ids.length === 0) return [];
    const look = async () => {
      const found = await find(ids);
      const missing = ids.filter((id) => this.has(id) && !found.some((item) => item.id === id));
      return missing.length === 0
        ? { done: true as const, value: found }
        : { done: false as const, state: `unknown: ${missing.join(', ')}` };
    };
    const what = `${ids.join(', ')} to become visible`;
    return poll(look, { what, timeout: 2 * CONSISTENCY_WINDOW, clock: this.#clock });
  }
}
