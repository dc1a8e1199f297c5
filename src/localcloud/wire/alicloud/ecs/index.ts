import type { Product } from '../product.ts';
import { inWordsOfEcs } from './errors.ts';
import { instanceOperations } from './instances.ts';

/** Elastic Compute Service. */
export const ecsProduct = (): Product => ({
  code: 'ecs',
  version: '2014-05-26',
  operations: Object.fromEntries(
    Object.entries({ ...instanceOperations }).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
