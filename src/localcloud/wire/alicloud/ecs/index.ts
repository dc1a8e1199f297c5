import type { Product } from '../product.ts';
import { assistantOperations } from './assistant.ts';
import { inWordsOfEcs } from './errors.ts';
import { imageOperations } from './images.ts';
import { instanceOperations } from './instances.ts';
import { keyPairOperations } from './key-pairs.ts';
import { networkOperations } from './network.ts';
import { securityGroupOperations } from './security-groups.ts';
import { snapshotOperations } from './snapshots.ts';
import { tagOperations } from './tags.ts';
import { templateOperations } from './templates.ts';

const OPERATIONS = {
  ...assistantOperations,
  ...imageOperations,
  ...instanceOperations,
  ...keyPairOperations,
  ...networkOperations,
  ...securityGroupOperations,
  ...snapshotOperations,
  ...tagOperations,
  ...templateOperations,
};

/** Elastic Compute Service. */
export const ecsProduct = (): Product => ({
  code: 'ecs',
  version: '2014-05-26',
  operations: Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
