import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOfMore, compareRates } from '../../src/smoke/log-rates.ts';

const MINUTE = 60_000;

describe('the comparison of two error rates', () => {
  test('is the tail of a binomial distribution', () => {
    // All five of five, with a share of a third of the time: (1/3)^5.
    const five = { errors: 5, watched: MINUTE };
    expect(chanceOfMore(five, { errors: 0, watched: 2 * MINUTE })).toBeCloseTo((1 / 3) ** 5, 10);
    // At least one of two at equal shares.
    const one = { errors: 1, watched: MINUTE };
    expect(chanceOfMore(one, one)).toBeCloseTo(0.75, 10);
    expect(chanceOfMore({ errors: 0, watched: 1 }, five)).toBe(1);
  });

  test('of many errors keeps its digits', () => {
    const many = { errors: 900, watched: MINUTE };
    expect(chanceOfMore(many, { errors: 100, watched: MINUTE })).toBeLessThan(1e-100);
    expect(chanceOfMore(many, { errors: 900, watched: MINUTE })).toBeCloseTo(0.5, 1);
  });

  test('never leaves 0 to 1, and more errors are never more likely', () => {
    const side = fc.record({ errors: fc.nat(300), watched: fc.integer({ min: 1, max: 1e7 }) });
    fc.assert(
      fc.property(side, side, (fresh, old) => {
        const chance = chanceOfMore(fresh, old);
        const more = chanceOfMore({ ...fresh, errors: fresh.errors + 1 }, old);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1 + 1e-9);
        expect(more).toBeLessThanOrEqual(chance + 1e-9);
      }),
    );
  });

  test('calls the same rate not worse, however many errors there are', () => {
    const fresh = { errors: 400, watched: MINUTE };
    expect(compareRates(fresh, { errors: 800, watched: 2 * MINUTE }, true)).toBe('not worse');
    expect(compareRates(fresh, { errors: 300, watched: MINUTE }, true)).toBe('not worse');
  });

  test('calls a clearly higher rate worse, a few errors perhaps worse, and is harder to convince before the end', () => {
    const quiet = { errors: 0, watched: 2 * MINUTE };
    const errors = (n: number, final: boolean) => compareRates({ errors: n, watched: MINUTE }, quiet, final);
    expect(errors(1, true)).toBe('not worse');
    expect(errors(3, true)).toBe('perhaps worse');
    expect(errors(5, true)).toBe('worse');
    expect(errors(5, false)).toBe('perhaps worse');
    expect(errors(7, false)).toBe('worse');
  });
});
