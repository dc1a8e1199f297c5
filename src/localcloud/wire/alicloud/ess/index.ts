import { inWordsOfEcs } from '../ecs/errors.ts';
import type { Product } from '../product.ts';
import { activityOperations } from './activities.ts';
import { groupOperations } from './groups.ts';
import { hookOperations } from './hooks.ts';
import { instanceOperations } from './instances.ts';
import { refreshOperations } from './refreshes.ts';
import { ruleOperations } from './rules.ts';
import { tagOperations } from './tags.ts';
import { taskOperations } from './tasks.ts';

const OPERATIONS = {
  ...activityOperations,
  ...groupOperations,
  ...hookOperations,
  ...instanceOperations,
  ...refreshOperations,
  ...ruleOperations,
  ...tagOperations,
  ...taskOperations,
};

/** Auto Scaling. */
export const essProduct = (): Product => ({
  code: 'ess',
  version: '2022-02-22',
  operations: Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
