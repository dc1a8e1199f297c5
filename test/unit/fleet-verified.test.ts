import { expect, test } from 'vitest';
import { verifiedOf, verifiedTags } from '../../src/fleet/verified.ts';

const after = (...versions: number[]) =>
  versions.reduce<Record<string, string>>(
    (tags, version) => verifiedTags(tags, { release: `r${version}`, version }),
    {},
  );

test('a group remembers what was verified before, the latest first', () => {
  expect(verifiedOf({})).toBeUndefined();
  expect(verifiedOf(after(1))).toEqual({ release: 'r1', version: 1, before: [] });
  expect(verifiedOf(after(1, 2, 4))).toEqual({ release: 'r4', version: 4, before: [2, 1] });
});

test('what is verified again is remembered once', () => {
  expect(verifiedOf(after(1, 2, 2, 2))).toEqual({ release: 'r2', version: 2, before: [1] });
});

test('going back forgets what came after: it is no way back', () => {
  expect(verifiedOf(after(1, 2, 3, 2))).toEqual({ release: 'r2', version: 2, before: [1] });
  expect(verifiedOf(after(1, 2, 3, 1))).toEqual({ release: 'r1', version: 1, before: [] });
  expect(verifiedOf(after(1, 2, 3, 2, 4))).toEqual({ release: 'r4', version: 4, before: [2, 1] });
});

test('a hundred releases fit into a tag', () => {
  const tags = after(...Array.from({ length: 100 }, (_, i) => 9_000_000 + i));
  expect(Object.values(tags).every((value) => value.length <= 256)).toBe(true);
  expect(verifiedOf(tags)!.before).toHaveLength(20);
});
