import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as library from '../../src/index.ts';
import { repository } from '../helpers/cli.ts';

const page = readFileSync(join(repository, 'docs/api.md'), 'utf8');

test('docs/api.md names every function of the library, and no other', () => {
  const [, guide] = /^## The functions\n(.*)/ms.exec(page)!;
  const unnamed = Object.keys(library).filter((name) => !new RegExp(`\`${name}\\b`).test(guide!));
  expect(unnamed).toEqual([]);
  const table = /^\| function .*?\n\n/ms.exec(guide!)![0];
  const first = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)/g)]);
  expect(first.length).toBeGreaterThan(15);
  expect(first.map(([, name]) => name!).filter((name) => !(name in library))).toEqual([]);
});
