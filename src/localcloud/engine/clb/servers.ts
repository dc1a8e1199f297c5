import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findBalancer } from './balancers.ts';
import {
  type ClbServer,
  type ClbServerGroup,
  clbListeners,
  clbServerGroups,
  findServerGroup,
} from './records.ts';

const same = (a: ClbServer, b: Pick<ClbServer, 'serverId' | 'port'>) =>
  a.serverId === b.serverId && a.port === b.port;

/** Throws InvalidLoadBalancerId.NotFound, and what `checkServers` throws. */
export function createServerGroup(
  engine: Engine,
  { balancerId, name, servers }: Omit<ClbServerGroup, 'serverGroupId'>,
): ClbServerGroup {
  findBalancer(engine, balancerId);
  checkServers(engine, servers);
  const serverGroupId = engine.ids.resource('rsp');
  return clbServerGroups(engine).put(serverGroupId, { serverGroupId, balancerId, name, servers });
}

/** Throws InvalidVServerGroupId.NotFound, RspoolVipExist while a listener uses it. */
export function deleteServerGroup(engine: Engine, serverGroupId: string): void {
  findServerGroup(engine, serverGroupId);
  if (clbListeners(engine).filter((listener) => listener.serverGroupId === serverGroupId).length > 0)
    throw new ServiceError('RspoolVipExist', 'There are listeners that use the VServer group.');
  clbServerGroups(engine).delete(serverGroupId);
}

/** Throws ObtainIpFail, InvalidParameter. */
export function checkServers(engine: Engine, servers: ClbServer[]): void {
  for (const { serverId, port, weight } of servers) {
    if (!(port >= 1 && port <= 65_535) || !(weight >= 0 && weight <= 100))
      throw new ServiceError(
        'InvalidParameter',
        'A port must be between 1 and 65535, a weight between 0 and 100.',
      );
    const state = instances(engine).get(serverId)?.state ?? 'terminated';
    if (state === 'terminated' || state === 'shutting-down')
      throw new ServiceError('ObtainIpFail', `The IP address of server ${serverId} cannot be obtained.`);
  }
}

/** Adds servers; one that is in already gets the weight. Throws InvalidVServerGroupId.NotFound. */
export function addServers(engine: Engine, serverGroupId: string, servers: ClbServer[]): void {
  const { servers: before } = findServerGroup(engine, serverGroupId);
  const kept = before.filter((one) => !servers.some((server) => same(one, server)));
  clbServerGroups(engine).patch(serverGroupId, { servers: [...kept, ...servers] });
}

/** Takes a server out, from one port or from all. A group that is gone has none. */
export function removeServer(engine: Engine, serverGroupId: string, serverId: string, port?: number): void {
  const group = clbServerGroups(engine).get(serverGroupId);
  const goes = (one: ClbServer) => one.serverId === serverId && (port === undefined || one.port === port);
  if (!group?.servers.some(goes)) return;
  clbServerGroups(engine).patch(serverGroupId, { servers: group.servers.filter((one) => !goes(one)) });
}

/** Changes the weights of servers that are in; others are not added. Throws InvalidVServerGroupId.NotFound. */
export function setWeights(engine: Engine, serverGroupId: string, servers: ClbServer[]): void {
  const { servers: before } = findServerGroup(engine, serverGroupId);
  const changed = before.map((one) => servers.find((server) => same(one, server)) ?? one);
  clbServerGroups(engine).patch(serverGroupId, { servers: changed });
}
