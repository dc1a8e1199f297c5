import fc from 'fast-check';
import { expect, test } from 'vitest';
import { releaseBody, ticksIn } from '../../src/release/body.ts';
import type { Change } from '../../src/release/changes.ts';

const SHA = 'c0ffee0123456789c0ffee0123456789c0ffee01';
const web = 'https://github.com/acme/shop';
const pull = (number: number, name: string, title = `Change ${number}`): Change => ({
  ...{
    key: `#${number}`,
    title,
    url: `${web}/pull/${number}`,
    author: { name, person: !name.endsWith('[bot]') },
  },
});
const commit = (title: string, name: string): Change => ({
  ...{ key: SHA, title, url: `${web}/commit/${SHA}`, author: { name, person: false } },
});
const body = (changes: Change[], previous = '') =>
  releaseBody(previous, { changes, url: `${web}/compare/x` }, 'production');
const tick = (text: string, line: string) => text.replace(`- [ ] ${line}`, `- [x] ${line}`);

test('changes are boxes with links under their authors; a bot and somebody whom GitHub does not know are not mentioned', () => {
  const changes = [
    pull(12, 'mia'),
    pull(9, 'dependabot[bot]'),
    commit('Mend the till', 'Ada L.'),
    pull(14, 'mia'),
  ];
  expect(body(changes)).toBe(`<!-- bake release: begin -->

Merging this rolls out **production**. A box is ticked by whoever has seen that the change is fit for it.

### Ada L.

- [ ] [\`c0ffee0\`](${web}/commit/${SHA}) Mend the till

### dependabot\\[bot\\]

- [ ] [#9](${web}/pull/9) Change 9

### @mia

- [ ] [#12](${web}/pull/12) Change 12
- [ ] [#14](${web}/pull/14) Change 14

[All that changes](${web}/compare/x)

<!-- bake release: end -->`);
});

test('ticks are kept for pull requests and commits, also where one is new and one is gone', () => {
  const first = body([pull(1, 'mia'), pull(2, 'mia'), commit('Mend', 'Ada')]);
  const ticked = tick(tick(first, '[#2]'), '[`c0ffee0`]');
  expect(ticksIn(ticked)).toEqual(new Set(['#2', SHA]));
  const second = body([pull(2, 'mia'), pull(3, 'leo'), commit('Mend', 'Ada')], ticked);
  expect(ticksIn(second)).toEqual(new Set(['#2', SHA]));
  expect(second).not.toContain('#1]');
});

test('what people write around it stays, and so does what was there before bake', () => {
  const written = `Read me first.\n\n${body([pull(1, 'mia')])}\n\nAsk Leo about the queue.`;
  const next = body([pull(1, 'mia'), pull(2, 'leo')], written);
  expect(next).toMatch(/^Read me first\.\n\n<!-- bake/);
  expect(next).toMatch(/end -->\n\nAsk Leo about the queue\.$/);
  expect(body([pull(1, 'mia')], 'By hand.')).toMatch(/^By hand\.\n\n<!-- bake/);
});

test('however a title reads, a body read back has the ticks that it had, and GitHub takes its length', () => {
  const title = fc.oneof(
    fc.string(),
    fc.constantFrom('[x] [#7](u)', '<!-- bake release: end -->', '@everyone', '- [x] [#5]', 'a](b) [c'),
  );
  const changes = fc.uniqueArray(fc.record({ number: fc.integer({ min: 1, max: 9_999 }), title }), {
    selector: ({ number }) => number,
    maxLength: 20,
  });
  fc.assert(
    fc.property(changes, fc.nat(), (drawn, which) => {
      const all = drawn.map(({ number, title: text }) =>
        pull(number, 'mia', text.replaceAll(/[\r\n]/g, ' ')),
      );
      const first = body(all);
      expect(ticksIn(first).size).toBe(0);
      expect(body(all, first)).toBe(first);
      const one = all[which % Math.max(1, all.length)];
      if (one) expect(ticksIn(body(all, tick(first, `[${one.key}]`)))).toEqual(new Set([one.key]));
    }),
    { numRuns: 200 },
  );
  const many = Array.from({ length: 2_000 }, (_, n) => pull(n + 1, 'mia', 'x'.repeat(60)));
  const long = body(many);
  expect(long.length).toBeLessThan(65_536);
  expect(long).toMatch(/… and \d+ more: \[all that changes\]/);
});
