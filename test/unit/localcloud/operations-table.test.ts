import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  allProducts,
  allServices,
  operationsOf,
  withOperations,
} from '../../../src/localcloud/operations.ts';

test("the documentation's table of operations is that of the code (npm run docs:operations)", () => {
  const document = readFileSync(new URL('../../../docs/local-cloud.md', import.meta.url), 'utf8');
  expect(document).toBe(withOperations(document));
});

// Whatever a test asks is held against the official clients' schemas (helpers/held-answers.ts): this makes that all operations.
test('every operation is asked by some test, with the official client or on the wire', () => {
  const tests = fileURLToPath(new URL('../..', import.meta.url));
  const words = new Set<string>();
  for (const file of readdirSync(tests, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|py)$/.test(file)) continue;
    const text = readFileSync(join(tests, file), 'utf8');
    for (const [word] of text.matchAll(/\b[A-Z]\w+\b/g)) words.add(word.replace(/Command$/, ''));
    for (const [, word = ''] of text.matchAll(/\.([a-z]\w+)\(/g)) words.add(fromPython(word));
  }
  const missed = allServices().flatMap((service) =>
    operationsOf(service)
      .filter((name) => !words.has(name))
      .map((name) => `${service.signingName} ${name}`),
  );
  const products = allProducts().flatMap(({ code, operations }) =>
    Object.keys(operations)
      .filter((name) => !words.has(name) && !words.has(fromSdk(name)))
      .map((name) => `${code} ${name}`),
  );
  expect([...missed, ...products]).toEqual([]);
});

/** Alibaba's SDK has a class for every request. */
const fromSdk = (name: string) => `${name}Request`;

/** boto3 calls DescribeInstances `describe_instances`. */
const fromPython = (name: string) =>
  name.replace(/(^|_)([a-z0-9])/g, (_match, _gap, letter: string) => letter.toUpperCase());
