import { freeBalancerAddress } from '../ec2/addresses.ts';
import { defaultVpc, findSubnet, subnets } from '../ec2/network.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import {
  type ClbBalancer,
  type ClbListener,
  clbBalancers,
  clbListeners,
  clbServerGroups,
} from './records.ts';

export const listenersOf = (engine: Engine, balancerId: string): ClbListener[] =>
  clbListeners(engine).filter((listener) => listener.balancerId === balancerId);

/** Throws InvalidLoadBalancerId.NotFound. */
export function findBalancer(engine: Engine, balancerId: string): ClbBalancer {
  const found = clbBalancers(engine).get(balancerId);
  if (found) return found;
  throw new ServiceError(
    'InvalidLoadBalancerId.NotFound',
    `The specified LoadBalancerId ${balancerId} does not exist.`,
    404,
  );
}

/** Without a switch: in the first of the default VPC. Throws InvalidVSwitchId.NotFound. */
export function createBalancer(
  engine: Engine,
  request: Pick<ClbBalancer, 'name' | 'addressType' | 'deletionProtection'> & { subnetId?: string },
): ClbBalancer {
  const { subnetId, vpcId } =
    request.subnetId === undefined
      ? subnets(engine).filter((one) => one.vpcId === defaultVpc(engine).vpcId)[0]!
      : findSubnet(engine, request.subnetId);
  const balancerId = engine.ids.resource('lb');
  return clbBalancers(engine).put(balancerId, {
    balancerId,
    name: request.name || balancerId,
    addressType: request.addressType,
    deletionProtection: request.deletionProtection,
    subnetId,
    vpcId,
    address: freeBalancerAddress(engine),
    createdAt: engine.clock.now(),
    tags: {},
  });
}

/** With its listeners and server groups. Throws InvalidLoadBalancerId.NotFound, OperationDenied.DeleteProtectionIsOn. */
export function deleteBalancer(engine: Engine, balancerId: string): void {
  if (findBalancer(engine, balancerId).deletionProtection)
    throw new ServiceError(
      'OperationDenied.DeleteProtectionIsOn',
      'The operation is not allowed because of deletion protection is on.',
    );
  for (const [key, listener] of [...clbListeners(engine).entries()])
    if (listener.balancerId === balancerId) clbListeners(engine).delete(key);
  for (const { serverGroupId, balancerId: owner } of clbServerGroups(engine).all())
    if (owner === balancerId) clbServerGroups(engine).delete(serverGroupId);
  clbBalancers(engine).delete(balancerId);
}
