import { inWordsOfEcs } from '../ecs/errors.ts';
import type { Product } from '../product.ts';
import { balancerOperations } from './balancers.ts';
import { listenerOperations } from './listeners.ts';
import { serverGroupOperations } from './server-groups.ts';

const OPERATIONS = { ...balancerOperations, ...listenerOperations, ...serverGroupOperations };

/** Classic Load Balancer. */
export const slbProduct = (): Product => ({
  code: 'slb',
  version: '2014-05-15',
  operations: Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [name, inWordsOfEcs(operation)]),
  ),
});
