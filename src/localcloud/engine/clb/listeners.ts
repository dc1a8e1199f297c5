import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findBalancer } from './balancers.ts';
import { type ClbListener, clbListeners, findServerGroup, listenerKey } from './records.ts';

/** It is stopped until it is started. Throws InvalidLoadBalancerId.NotFound, ListenerAlreadyExists, InvalidParameter. */
export function createListener(engine: Engine, listener: ClbListener): void {
  findBalancer(engine, listener.balancerId);
  const taken = clbListeners(engine).filter(
    ({ balancerId, port }) => balancerId === listener.balancerId && port === listener.port,
  );
  if (taken.length > 0)
    throw new ServiceError(
      'ListenerAlreadyExists',
      'There is already a listener on the specified port of the load balancer.',
    );
  putListener(engine, listener);
}

/** Throws InvalidVServerGroupId.NotFound, InvalidParameter. */
export function putListener(engine: Engine, listener: ClbListener): void {
  const { balancerId, port, serverGroupId, check } = listener;
  if (!(port >= 1 && port <= 65_535))
    throw new ServiceError('InvalidParameter', 'ListenerPort must be between 1 and 65535.');
  if (findServerGroup(engine, serverGroupId).balancerId !== balancerId)
    throw new ServiceError(
      'InvalidVServerGroupId.NotFound',
      `The VServer group ${serverGroupId} does not belong to ${balancerId}.`,
      404,
    );
  for (const [name, value, least, most] of [
    ['HealthyThreshold', check.healthy, 2, 10],
    ['UnhealthyThreshold', check.unhealthy, 2, 10],
    ['HealthCheckInterval', check.interval, 1, 50],
    ['HealthCheckTimeout', check.timeout, 1, 300],
  ] as const)
    if (!(value >= least && value <= most))
      throw new ServiceError('InvalidParameter', `${name} must be between ${least} and ${most}.`);
  clbListeners(engine).put(listenerKey(listener), listener);
}

/** Without a protocol: the only one on the port. Throws ListenerNotFound. */
export function findListener(
  engine: Engine,
  balancerId: string,
  port: number,
  protocol?: string,
): ClbListener {
  findBalancer(engine, balancerId);
  const found = clbListeners(engine).filter(
    (one) =>
      one.balancerId === balancerId &&
      one.port === port &&
      (protocol === undefined || one.protocol === protocol),
  )[0];
  if (found) return found;
  throw new ServiceError('ListenerNotFound', 'The specified listener does not exist.', 404);
}

export const setListening = (engine: Engine, listener: ClbListener, state: ClbListener['state']): void =>
  void clbListeners(engine).patch(listenerKey(listener), { state });

export const deleteListener = (engine: Engine, listener: ClbListener): void =>
  clbListeners(engine).delete(listenerKey(listener));
