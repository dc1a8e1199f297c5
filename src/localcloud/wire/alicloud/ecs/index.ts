import type { Product } from '../product.ts';
import { assistantOperations } from './assistant.ts';
import { inWordsOfEcs } from './errors.ts';
import { imageOperations } from './images.ts';
import { instanceOperations } from './instances.ts';
import { snapshotOperations } from './snapshots.ts';

/** Elastic Compute Service. */
export const ecsProduct = (): Product => ({
  code: 'ecs',
  version: '2014-05-26',
  operations: Object.fromEntries(
    Object.entries({
      ...assistantOperations,
      ...imageOperations,
      ...instanceOperations,
      ...snapshotOperations,
    }).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
