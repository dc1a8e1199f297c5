import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import type { BakeError } from '../../src/run/errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-words-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What is wrong with these lines under `image:`. */
function problems(lines: string): string[] {
  const text = `project: shop\nimage:\n  base: { id: ami-1 }\n  layers: [{ name: app, provisioners: [{ inline: 'true' }] }]\n${lines}\n`;
  writeFileSync(join(directory, 'bake.yaml'), text);
  try {
    loadProject({ directory, variables: {} });
    return [];
  } catch (error) {
    const { message, details } = error as BakeError;
    return [message, ...details];
  }
}

test.each([
  ['  test: { checks: [{ prot: 80 }] }', /expected one of the keys command, service, port or http/],
  ['  test: { checks: [{ port: 80, service: web }] }', /only one of .*can be given/],
  ['  test: { checks: [{ http: localhost:80 }] }', /an address such as http:\/\/localhost:8080\/health/],
  ['  test: { userData: absent.sh }', /image\.test\.userData: absent\.sh does not exist/],
  ['  distribute: { accounts: [111122223333] }', /accounts\[0\]: expected text/],
  ['  distribute: { accounts: ["1111"] }', /an account id of 12 digits/],
  ['  distribute: { deprecateAfter: soon }', /a duration such as/],
  ['  publish: { parameter: latest }', /a parameter name such as/],
  ['  keep: 0', /image\.keep: expected at least 1/],
])('%s is refused in one sentence', (lines, sentence) => {
  const found = problems(lines);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(sentence);
});
