import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withOperations } from '../../../src/localcloud/operations.ts';

test("the documentation's table of operations is that of the code (npm run docs:operations)", () => {
  const document = readFileSync(new URL('../../../docs/local-cloud.md', import.meta.url), 'utf8');
  expect(document).toBe(withOperations(document));
});
