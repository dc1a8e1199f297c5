import { listenersOf } from '../clb/balancers.ts';
import { findServerGroup } from '../clb/records.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { ServerGroupLink } from './records.ts';

/**
 * ESS takes only load balancers that check the health of their servers. Throws InvalidVServerGroupId.NotFound,
 * InvalidParameter.Conflict, IncorrectLoadBalancerHealthCheck.
 */
export function checkLinks(engine: Engine, links: ServerGroupLink[]): void {
  for (const { loadBalancerId, serverGroupId, port, weight } of links) {
    const { balancerId } = findServerGroup(engine, serverGroupId);
    if (balancerId !== loadBalancerId)
      throw new ServiceError(
        'InvalidParameter.Conflict',
        `The server group ${serverGroupId} does not belong to the load balancer ${loadBalancerId}.`,
      );
    if (!(port >= 1 && port <= 65_535) || !(weight >= 0 && weight <= 100))
      throw new ServiceError(
        'InvalidParameter.VServerGroups',
        'A port must be between 1 and 65535, a weight between 0 and 100.',
      );
    if (listenersOf(engine, balancerId).some(({ check }) => !check.on))
      throw new ServiceError(
        'IncorrectLoadBalancerHealthCheck',
        'The current health check type of the specified load balancer does not support this action.',
      );
  }
}
