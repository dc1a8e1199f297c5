import { systemClock } from '../../run/clock.ts';
import { usageError } from '../../run/errors.ts';
import type { Surroundings } from '../cloud.ts';
import type { OpenCloudOptions } from '../options.ts';
import { Connection } from './connection.ts';

/** What a rehearsal on the local cloud has around it: a CLB. bake uses neither queues, nor logs, nor alarms of Alibaba Cloud. */
export function openSurroundings(options: OpenCloudOptions & { region: string; local: true }): Surroundings {
  const { clock = systemClock } = options;
  const ali = new Connection({ ...options, clock });
  const none = (what: string) => async () => {
    throw usageError(`bake makes no ${what} on Alibaba Cloud`);
  };
  return {
    logGroup: none('log groups'),
    bucket: none('buckets'),
    alarm: none('alarms'),
    setAlarm: none('alarms'),

    async balance(fronts, { path }) {
      const { LoadBalancerId } = await ali.call<{ LoadBalancerId: string }>('slb', 'CreateLoadBalancer', {
        LoadBalancerName: 'rehearsal',
      });
      const ids = new Map<string, string>();
      const names = new Map<string, string>();
      for (const name of fronts.flatMap(({ targetGroups }) => targetGroups)) {
        const [id = '', rest = ''] = split(name);
        const made = ids.get(id) ?? (await serverGroup(LoadBalancerId, id, { port: 80 + ids.size, path }));
        ids.set(id, made);
        names.set(name, `${made}${rest}`);
      }
      return names;
    },

    // The SDK's sockets do not keep the process.
    close() {},
  };

  async function serverGroup(
    LoadBalancerId: string,
    name: string,
    { port, path }: { port: number; path: string },
  ) {
    const { VServerGroupId } = await ali.call<{ VServerGroupId: string }>('slb', 'CreateVServerGroup', {
      ...{ LoadBalancerId, VServerGroupName: name },
    });
    await ali.call('slb', 'CreateLoadBalancerHTTPListener', {
      ...{ LoadBalancerId, VServerGroupId, ListenerPort: port, Bandwidth: -1 },
      ...{ HealthCheck: 'on', HealthCheckURI: path, HealthCheckInterval: 5 },
    });
    await ali.call('slb', 'StartLoadBalancerListener', {
      ...{ LoadBalancerId, ListenerPort: port, ListenerProtocol: 'http' },
    });
    return VServerGroupId;
  }
}

/** `rsp-1:8080@group`: the id, and what is said of it. */
const split = (name: string): [string, string] => {
  const at = name.search(/[:@]/);
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at)];
};
