import type { Connection, Parameter } from './connection.ts';

export interface WireServer {
  ServerId: string;
  Port: number;
  Weight: number | string;
}
interface WireServerGroup {
  LoadBalancerId?: string;
  BackendServers?: { BackendServer?: WireServer[] };
}

/** A virtual server group as the configuration names it. */
export interface Link {
  id: string;
  port: number;
  /** The scaling group whose servers are meant; undefined: all. */
  group?: string;
}

/** "rsp-1", "rsp-1:8080", "rsp-1:8080@workers". Port: 80 by default. */
export function parseLink(name: string): Link {
  const [, id = name, port = '80', group] = /^([^:@]+)(?::(\d+))?(?:@(.+))?$/.exec(name) ?? [];
  return { id, port: Number(port), group };
}

/** As bake knows it from then on: with its port. */
export const linkName = ({ id, port, group }: Link): string =>
  `${id}:${port}${group === undefined ? '' : `@${group}`}`;

/** What a tag says of those that are shared with the other colour; undefined where none is. */
export function sharedOf(names: string[]): string | undefined {
  const shared = names.map(parseLink).filter(({ group }) => group !== undefined);
  return shared.map(({ id, port }) => `${id}:${port}`).join(' ') || undefined;
}

/** CLB: a virtual server group with its servers. */
export const readServerGroup = (ali: Connection, VServerGroupId: string): Promise<WireServerGroup> =>
  ali.call('slb', 'DescribeVServerGroupAttribute', { VServerGroupId });

/** Virtual server groups as ESS names them: by load balancer, with the weight that instances come with. */
export async function linksOf(ali: Connection, names: string[], weight = 100): Promise<Parameter[]> {
  return Promise.all(
    names.map(async (name) => {
      const { id, port } = parseLink(name);
      const { LoadBalancerId } = await readServerGroup(ali, id);
      return { LoadBalancerId, VServerGroupAttributes: [{ VServerGroupId: id, Port: port, Weight: weight }] };
    }),
  );
}
