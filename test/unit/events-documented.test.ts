import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../helpers/cli.ts';
import { EVENT_FIELDS } from '../helpers/event-fields.ts';

const page = readFileSync(join(repository, 'docs/events.md'), 'utf8');

/** `{ 'note': { message: 'required' } }`, as the page has it. */
function documented(): Record<string, Record<string, string>> {
  const sections = page.split(/^### /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const [, type] = /^`([^`]+)`/.exec(section)!;
      const own = section.split(/^## /m)[0]!;
      const fields = [...own.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, field, what]) => [
        field,
        what!.includes('optional') ? 'optional' : 'required',
      ]);
      return [type, Object.fromEntries(fields)];
    }),
  );
}

test('every event and every field is documented, and nothing else is', () => {
  expect(documented()).toEqual(EVENT_FIELDS);
});

test('every fact is documented, and nothing else is', () => {
  const root = join(repository, 'src');
  const told = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('localcloud')) continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/\.fact\(\s*'([^']+)'/g)) told.add(name!);
  }
  const [, facts] = /^## Facts\n(.*?)^## /ms.exec(page)!;
  const cells = facts!.split('\n').flatMap((line) => /^\| (`[^|]*`) \|/.exec(line)?.[1] ?? []);
  const names = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  // What each smoke test found is told under its own name.
  for (const test of ['sqs', 'logs', 'http', 'command']) told.add(`smoke.${test}`);
  expect(names.sort()).toEqual([...told].sort());
});
