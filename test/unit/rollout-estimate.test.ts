import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateRemaining, estimateRollout } from '../../src/rollout/estimate.ts';

const MINUTE = 60_000;
const base = { warmup: MINUTE, checkpoints: [], checkpointDelay: 5 * MINUTE, soak: 0 };

describe('the estimate of a rollout', () => {
  it('replaces as many at a time as the bounds leave room for', () => {
    const of = (desired: number, minHealthyPercentage: number, maxHealthyPercentage: number) =>
      estimateRollout({ ...base, desired, toReplace: desired, minHealthyPercentage, maxHealthyPercentage });
    expect(of(10, 90, 100)).toMatchObject({ batch: 1, batches: 10, launchesFirst: false });
    expect(of(10, 100, 150)).toMatchObject({ batch: 5, batches: 2, launchesFirst: true });
    expect(of(100, 90, 120)).toMatchObject({ batch: 30, batches: 4 });
  });

  it('launches one first where the bounds leave no room', () => {
    const estimate = estimateRollout({
      ...base,
      desired: 2,
      toReplace: 2,
      minHealthyPercentage: 90,
      maxHealthyPercentage: 110,
    });
    expect(estimate).toMatchObject({ batch: 1, batches: 2, launchesFirst: true });
  });

  it('counts the pauses at checkpoints, but none at the end', () => {
    const input = { ...base, desired: 2, toReplace: 2, minHealthyPercentage: 100, maxHealthyPercentage: 200 };
    expect(estimateRollout({ ...input, checkpoints: [50, 100] }).duration).toBe(
      estimateRollout(input).duration + 5 * MINUTE,
    );
  });

  it('never takes no time, nor less for more instances', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        (n, min, room) => {
          const input = {
            ...base,
            desired: n,
            toReplace: n,
            minHealthyPercentage: min,
            maxHealthyPercentage: Math.max(100, min + room),
          };
          const { batch, batches } = estimateRollout(input);
          expect(batch).toBeGreaterThan(0);
          expect(batch * batches).toBeGreaterThanOrEqual(n);
        },
      ),
    );
  });

  it('goes on at the pace that was seen, and adds the pauses that are still ahead', () => {
    const input = { ...base, checkpoints: [25, 50, 100] };
    expect(estimateRemaining({ percent: 0, active: MINUTE, pauseLeft: 0 }, input)).toBeUndefined();
    expect(estimateRemaining({ percent: 25, active: MINUTE, pauseLeft: 1_000 }, input)).toBe(
      8 * MINUTE + 1_000,
    );
  });
});
