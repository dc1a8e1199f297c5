import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/run/clock.ts';
import { DeadlineExceeded, Interrupted } from '../../src/run/errors.ts';
import { poll } from '../../src/run/poll.ts';

/** A clock whose sleeps pass at once and are remembered. */
function instantClock(): Clock & { pauses: number[] } {
  let now = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now,
    async sleep(ms) {
      pauses.push(ms);
      now += ms;
    },
  };
}

describe('poll', () => {
  it('looks at once and returns without a pause when the thing is there', async () => {
    const clock = instantClock();
    await expect(
      poll(async () => ({ done: true, value: 7 }), { what: 'x', timeout: 10, clock }),
    ).resolves.toBe(7);
    expect(clock.pauses).toEqual([]);
  });

  it('pauses longer each time, never longer than asked, and short again when a change is near', async () => {
    const clock = instantClock();
    let looks = 0;
    await poll(
      async () => {
        looks++;
        return looks === 10 ? { done: true, value: 0 } : { done: false, state: 's', soon: looks === 8 };
      },
      { what: 'x', timeout: 1e9, clock, interval: { first: 100, longest: 1000 } },
    );
    expect(Math.max(...clock.pauses)).toBeLessThanOrEqual(1200);
    expect(clock.pauses[6]).toBeGreaterThan(700);
    expect(clock.pauses[7]).toBeLessThan(200);
  });

  it('ends at the deadline with the state that was last seen, having looked once more at the end', async () => {
    const clock = instantClock();
    let last = -1;
    const look = async () => {
      last = clock.now();
      return { done: false as const, state: 'pending' };
    };
    const waiting = poll(look, { what: 'image ami-1 to become available', timeout: 60_000, clock });
    await expect(waiting).rejects.toThrow(
      'image ami-1 to become available: not after 1 m (last seen: pending)',
    );
    await expect(waiting).rejects.toBeInstanceOf(DeadlineExceeded);
    expect(last).toBe(60_000);
  });

  it('ends as interrupted as soon as the signal aborts', async () => {
    const abort = new AbortController();
    abort.abort();
    const look = async () => ({ done: false as const, state: 's' });
    await expect(
      poll(look, { what: 'x', timeout: 1e9, clock: instantClock(), signal: abort.signal }),
    ).rejects.toBeInstanceOf(Interrupted);
  });
});
