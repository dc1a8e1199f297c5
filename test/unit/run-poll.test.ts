import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/run/clock.ts';
import { DeadlineExceeded, Interrupted } from '../../src/run/errors.ts';
import { type Pace, poll } from '../../src/run/poll.ts';

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

describe('a wait that is known', () => {
  const DELAY = 15_000;

  /** When it looked, and how late it saw something that came after `ms`. */
  async function looks(ms: number, interval: Pace): Promise<{ at: number[]; late: number }> {
    const clock = instantClock();
    const at: number[] = [];
    await poll(
      async () => {
        at.push(clock.now());
        return clock.now() >= ms ? { done: true, value: 0 } : { done: false, state: 's' };
      },
      { what: 'x', timeout: 1e9, clock, interval },
    );
    return { at, late: at.at(-1)! - ms };
  }

  it('is not looked at before anything can have happened', async () => {
    const { at } = await looks(60_000, { delay: DELAY, first: 8_000, longest: 10_000 });
    expect(at[0]).toBe(DELAY);
    expect(at.length).toBeLessThan(9);
  });

  it('is looked at half-way, and then around the time that it took before', async () => {
    const same = await looks(60_000, { first: 1_000, longest: 10_000, expected: 60_000 });
    expect(same.at[0]).toBe(30_000);
    expect(same.at.length).toBeLessThan(6);
    expect(same.late).toBeLessThan(6_000);
    const sooner = await looks(20_000, { first: 1_000, longest: 10_000, expected: 60_000 });
    expect(sooner.late).toBe(10_000);
  });

  it('that takes much longer than before is looked at less and less often', async () => {
    const { at, late } = await looks(600_000, { first: 1_000, longest: 30_000, expected: 10_000 });
    expect(at.length).toBeLessThan(40);
    expect(late).toBeLessThan(36_000);
  });
});
