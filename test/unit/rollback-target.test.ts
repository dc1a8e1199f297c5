import { describe, expect, it } from 'vitest';
import type { ScalingGroup } from '../../src/clouds/cloud.ts';
import type { FleetHistory, PastRelease } from '../../src/rollout/history.ts';
import { chooseTarget, type Setback, wayBackOf } from '../../src/rollout/rollback-target.ts';

const release = (version: number, more: Partial<PastRelease> = {}): PastRelease => ({
  version,
  release: `v${version}`,
  imageId: `ami-${version}`,
  imageGone: false,
  createdAt: version,
  verified: true,
  current: false,
  front: 0,
  back: 0,
  ...more,
});

const group = (version: number) =>
  ({ name: 'workers', template: { version } }) as Partial<ScalingGroup> as ScalingGroup;

/** A fleet that launches `current`; `verified`: the last verified version and those before it. */
function setback(
  current: number,
  verified: number[],
  more: Partial<Omit<Setback, 'history'>> & { back?: number; gone?: number[] } = {},
): Setback {
  const { back, gone = [], ...rest } = more;
  const [last, ...before] = verified;
  const history: FleetHistory = {
    colours: { front: group(current), back: back === undefined ? undefined : group(back) },
    current,
    verified: last === undefined ? undefined : { release: `v${last}`, version: last, before },
    releases: [5, 4, 3, 2, 1].map((version) => release(version, { imageGone: gone.includes(version) })),
  };
  return { history, mixed: false, undone: false, unfinished: rest.bringing !== undefined, ...rest };
}

const wayBack = (...args: Parameters<typeof setback>) => wayBackOf(setback(...args))?.version;

describe('the way back, when no release is named, is', () => {
  it.each([
    ['the one verified before, where the fleet runs the last verified one', wayBack(3, [3, 2, 1]), 2],
    ['the last verified one, where the fleet runs another', wayBack(4, [3, 2, 1]), 3],
    ['the last verified one, while another is being brought', wayBack(3, [3, 2], { bringing: 4 }), 3],
    [
      'the last verified one, not what ran before, while another is being brought',
      wayBack(4, [2], { bringing: 5, before: 4 }),
      2,
    ],
    [
      'what ran before, while another is being brought and none was verified',
      wayBack(1, [], { bringing: 2, before: 1 }),
      1,
    ],
    [
      'what ran before, when the rollout has reached the fleet and not been verified',
      wayBack(2, [], { bringing: 2, before: 1 }),
      1,
    ],
    ['what the group launches, where a refresh has failed', wayBack(3, [3, 2], { mixed: true }), 3],
    [
      'what the group launches, where none was verified and a refresh has failed',
      wayBack(1, [], { mixed: true }),
      1,
    ],
    [
      'where a rollback was going that was cut short',
      wayBack(3, [3, 2, 1], { returning: 1, bringing: 1 }),
      1,
    ],
    ['what the other colour runs, where the group in front remembers none', wayBack(3, [3], { back: 2 }), 2],
    ['the next older one, where the image of the last is gone', wayBack(4, [4, 3, 2], { gone: [3] }), 2],
    [
      'where the fleet is, when what was brought last has been taken back',
      wayBack(3, [3, 2, 1], { undone: true }),
      3,
    ],
    [
      'what the group launches, when that was not the end of it',
      wayBack(3, [3, 2], { undone: true, mixed: true }),
      3,
    ],
    [
      'where the fleet is, when a rollout died before it brought anything',
      wayBack(3, [3, 2], { unfinished: true }),
      3,
    ],
    ['unknown, where nothing else was ever verified', wayBack(1, [1]), undefined],
    ['unknown, where nothing was ever verified', wayBack(2, []), undefined],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('a release that is named', () => {
  it('is found by its name, or by the number of its version', () => {
    expect(chooseTarget(setback(3, [3]), 'v2').version).toBe(2);
    expect(chooseTarget(setback(3, [3]), '1').version).toBe(1);
  });

  it('that was never there is refused with those that were', () => {
    expect(() => chooseTarget(setback(3, [3]), 'v9')).toThrow('workers never ran release v9');
  });

  it('whose image is gone is refused with the image', () => {
    expect(() => chooseTarget(setback(3, [3], { gone: [2] }), 'v2')).toThrow(
      'release v2 (version 2) cannot be launched any more: its image ami-2 does not exist',
    );
  });
});

it('nothing to go back to is said, with what to type', () => {
  expect(() => chooseTarget(setback(1, [1]))).toThrow(
    'no release was verified on workers before the one that it runs',
  );
});
