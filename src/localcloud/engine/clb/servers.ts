import type { Engine } from '../engine.ts';
import { type ClbServer, clbServerGroups, findServerGroup } from './records.ts';

const same = (a: ClbServer, b: Pick<ClbServer, 'serverId' | 'port'>) =>
  a.serverId === b.serverId && a.port === b.port;

/** Adds servers; one that is in already gets the weight. Throws InvalidVServerGroupId.NotFound. */
export function addServers(engine: Engine, serverGroupId: string, servers: ClbServer[]): void {
  const { servers: before } = findServerGroup(engine, serverGroupId);
  const kept = before.filter((one) => !servers.some((server) => same(one, server)));
  clbServerGroups(engine).patch(serverGroupId, { servers: [...kept, ...servers] });
}

/** Takes a server out, from one port or from all. A group that is gone has none. */
export function removeServer(engine: Engine, serverGroupId: string, serverId: string, port?: number): void {
  const group = clbServerGroups(engine).get(serverGroupId);
  if (!group) return;
  const stays = (one: ClbServer) => one.serverId !== serverId || (port !== undefined && one.port !== port);
  clbServerGroups(engine).patch(serverGroupId, { servers: group.servers.filter(stays) });
}

/** Changes the weights of servers that are in; others are not added. Throws InvalidVServerGroupId.NotFound. */
export function setWeights(engine: Engine, serverGroupId: string, servers: ClbServer[]): void {
  const { servers: before } = findServerGroup(engine, serverGroupId);
  const changed = before.map((one) => servers.find((server) => same(one, server)) ?? one);
  clbServerGroups(engine).patch(serverGroupId, { servers: changed });
}
