import type { Connection, Parameter } from './connection.ts';

interface WireServerGroup {
  LoadBalancerId?: string;
  BackendServers?: { BackendServer?: { ServerId: string; Port: number; Weight: number }[] };
}

/** A virtual server group with the port that its servers listen on: "rsp-1", or "rsp-1:8080". Default: port 80. */
export function portOf(serverGroup: string): { id: string; port: number } {
  const [id = '', port = '80'] = serverGroup.split(':');
  return { id, port: Number(port) };
}

/** CLB: a virtual server group. */
export const readServerGroup = (ali: Connection, VServerGroupId: string): Promise<WireServerGroup> =>
  ali.call('slb', 'DescribeVServerGroupAttribute', { VServerGroupId });

/** Virtual server groups as ESS names them: by load balancer. A new instance gets nothing before it is healthy. */
export async function linksOf(ali: Connection, serverGroups: string[]): Promise<Parameter[]> {
  return Promise.all(
    serverGroups.map(async (name) => {
      const { id, port } = portOf(name);
      const { LoadBalancerId } = await readServerGroup(ali, id);
      return { LoadBalancerId, VServerGroupAttributes: [{ VServerGroupId: id, Port: port, Weight: 100 }] };
    }),
  );
}
