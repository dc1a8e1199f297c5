import {
  type ClbServer,
  type ClbServerGroup,
  clbServerGroups,
  findServerGroup,
} from '../../../engine/clb/records.ts';
import {
  addServers,
  checkServers,
  createServerGroup,
  deleteServerGroup,
  removeServer,
  setWeights,
} from '../../../engine/clb/servers.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';

/** CLB: servers of one call. */
const MOST_SERVERS = 20;

/** JSON in a string: `[{"ServerId":"i-1","Port":"80","Weight":"100"}]`. Throws InvalidParameter. */
function serversOf(input: Input, name = 'BackendServers'): ClbServer[] {
  const text = input.text(name);
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  if (!Array.isArray(value))
    throw new ServiceError('InvalidParameter', `The specified ${name} is not a JSON array.`);
  if (value.length > MOST_SERVERS)
    throw new ServiceError('InvalidParameter', `At most ${MOST_SERVERS} backend servers can be given.`);
  return value.map((one) => {
    const server = input.replaced(one as Record<string, unknown>);
    return {
      serverId: server.require('ServerId'),
      port: server.requireInt('Port'),
      weight: server.int('Weight') ?? 100,
    };
  });
}

const serverViews = ({ servers }: ClbServerGroup) => ({
  BackendServer: servers.map(({ serverId, port, weight }) => ({
    ServerId: serverId,
    Port: port,
    Weight: weight,
    Type: 'ecs',
  })),
});

const view = (group: ClbServerGroup) => ({
  VServerGroupId: group.serverGroupId,
  VServerGroupName: group.name,
  LoadBalancerId: group.balancerId,
  BackendServers: serverViews(group),
});

const CreateVServerGroup: Operation = (input, { engine }) =>
  view(
    createServerGroup(engine, {
      balancerId: input.require('LoadBalancerId'),
      name: input.require('VServerGroupName'),
      servers: serversOf(input),
    }),
  );

const DescribeVServerGroups: Operation = (input, { engine }) => {
  const balancerId = input.require('LoadBalancerId');
  const found = clbServerGroups(engine).filter((group) => group.balancerId === balancerId);
  return {
    VServerGroups: {
      VServerGroup: found.map((group) => ({
        VServerGroupId: group.serverGroupId,
        VServerGroupName: group.name,
        ServerCount: group.servers.length,
      })),
    },
  };
};

const DescribeVServerGroupAttribute: Operation = (input, { engine }) =>
  view(findServerGroup(engine, input.require('VServerGroupId')));

const DeleteVServerGroup: Operation = (input, { engine }) => {
  deleteServerGroup(engine, input.require('VServerGroupId'));
  return {};
};

const AddVServerGroupBackendServers: Operation = (input, { engine }) => {
  const id = input.require('VServerGroupId');
  const servers = serversOf(input);
  checkServers(engine, servers);
  addServers(engine, id, servers);
  return view(findServerGroup(engine, id));
};

/** A server that is not in is no error. */
const RemoveVServerGroupBackendServers: Operation = (input, { engine }) => {
  const { serverGroupId } = findServerGroup(engine, input.require('VServerGroupId'));
  for (const { serverId, port } of serversOf(input)) removeServer(engine, serverGroupId, serverId, port);
  return view(findServerGroup(engine, serverGroupId));
};

const ModifyVServerGroupBackendServers: Operation = (input, { engine }) => {
  const { serverGroupId } = findServerGroup(engine, input.require('VServerGroupId'));
  const fresh = serversOf(input, 'NewBackendServers');
  checkServers(engine, fresh);
  for (const { serverId, port } of serversOf(input, 'OldBackendServers'))
    removeServer(engine, serverGroupId, serverId, port);
  addServers(engine, serverGroupId, fresh);
  return view(findServerGroup(engine, serverGroupId));
};

/** Changes weights of servers that are in, and adds none. Source: CLB 2014-05-15, SetVServerGroupAttribute. */
const SetVServerGroupAttribute: Operation = (input, { engine }) => {
  const { serverGroupId, servers: before } = findServerGroup(engine, input.require('VServerGroupId'));
  const servers = serversOf(input);
  const isIn = (server: ClbServer) =>
    before.some(({ serverId, port }) => serverId === server.serverId && port === server.port);
  checkServers(engine, servers.filter(isIn));
  setWeights(engine, serverGroupId, servers);
  const name = input.text('VServerGroupName');
  if (name !== undefined) clbServerGroups(engine).patch(serverGroupId, { name });
  return view(findServerGroup(engine, serverGroupId));
};

export const serverGroupOperations: Record<string, Operation> = {
  CreateVServerGroup,
  DescribeVServerGroups,
  DescribeVServerGroupAttribute,
  DeleteVServerGroup,
  AddVServerGroupBackendServers,
  RemoveVServerGroupBackendServers,
  ModifyVServerGroupBackendServers,
  SetVServerGroupAttribute,
};
