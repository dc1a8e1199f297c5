import { inWordsOfEcs } from '../ecs/errors.ts';
import type { Product } from '../product.ts';
import { activityOperations } from './activities.ts';
import { groupOperations } from './groups.ts';
import { hookOperations } from './hooks.ts';
import { instanceOperations } from './instances.ts';
import { refreshOperations } from './refreshes.ts';

const OPERATIONS = {
  ...activityOperations,
  ...groupOperations,
  ...hookOperations,
  ...instanceOperations,
  ...refreshOperations,
};

/** Auto Scaling. */
export const essProduct = (): Product => ({
  code: 'ess',
  version: '2022-02-22',
  operations: Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
