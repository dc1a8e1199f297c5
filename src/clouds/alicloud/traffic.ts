import type { Forwarding, ForwardingWeight, Target, TargetGroup, TargetState, Traffic } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { groupIdOf } from './group-ids.ts';
import { SHARED, type WireGroup } from './group-view.ts';
import {
  type Link,
  linkName,
  linksOf,
  parseLink,
  readServerGroup,
  sharedOf,
  type WireServer,
} from './links.ts';

/** CLB: servers of one SetVServerGroupAttribute. */
const SERVERS_PER_CALL = 20;
/** How long CLB or ESS may be busy with another change. Milliseconds. */
const BUSY_WINDOW = 120_000;
const BUSY = [
  'VServerGroupProcessing',
  'BackendServer.configuring',
  'ServiceIsConfiguring',
  'SystemBusy',
  'OperationBusy',
  'ScalingActivityInProgress',
  'IncorrectScalingGroupStatus',
];

interface WireListener {
  ListenerPort: number;
  ListenerProtocol: string;
  VServerGroupId?: string;
}
interface WireHealth {
  ServerId: string;
  Port: number;
  ServerHealthStatus?: string;
}

/**
 * CLB. What AWS calls a target group is a virtual server group here, and the colours share it: requests are divided by the weights of
 * servers, not of groups. So a part of one is named `rsp-1:8080@workers`: those of its servers that are in the scaling group
 * `workers`, on port 8080. Without a scaling group, all of them.
 */
export function traffic(ali: Connection): Traffic {
  const busy = <T>(call: () => Promise<T>): Promise<T> =>
    ali.again(call, (error) => failedWith(error, ...BUSY), BUSY_WINDOW);

  async function membersOf(group: string | undefined): Promise<Set<string> | undefined> {
    if (group === undefined) return undefined;
    const ScalingGroupId = await groupIdOf(ali, group);
    if (ScalingGroupId === undefined) return new Set();
    const found = await ali.pages(
      'ess',
      'DescribeScalingInstances',
      { ScalingGroupId },
      (answer: { ScalingInstances?: { InstanceId: string }[] }) => answer.ScalingInstances,
      100,
    );
    return new Set(found.map(({ InstanceId }) => InstanceId));
  }

  /** The servers that a name means, as they are now. */
  async function serversOf(link: Link): Promise<{ balancer: string; servers: WireServer[] }> {
    const [{ LoadBalancerId = '', BackendServers }, members] = await Promise.all([
      readServerGroup(ali, link.id),
      membersOf(link.group),
    ]);
    const servers = (BackendServers?.BackendServer ?? []).filter(
      ({ ServerId }) => members === undefined || members.has(ServerId),
    );
    return { balancer: LoadBalancerId, servers };
  }

  async function listenersOf(LoadBalancerId: string): Promise<WireListener[]> {
    const { Listeners = [] } = await ali.call<{ Listeners?: WireListener[] }>(
      'slb',
      'DescribeLoadBalancerListeners',
      { LoadBalancerId: [LoadBalancerId] },
    );
    return Listeners;
  }

  async function find(name: string): Promise<TargetGroup | undefined> {
    const link = parseLink(name);
    try {
      const { LoadBalancerId = '' } = await readServerGroup(ali, link.id);
      const [balancer, listeners] = await Promise.all([
        ali.call<{ Address?: string }>('slb', 'DescribeLoadBalancerAttribute', { LoadBalancerId }),
        listenersOf(LoadBalancerId),
      ]);
      const own = listeners.filter(({ VServerGroupId }) => VServerGroupId === link.id);
      return {
        arn: linkName(link),
        name,
        protocol: own[0]?.ListenerProtocol.toUpperCase() ?? 'TCP',
        port: link.port,
        // A server of weight 0 gets nothing new, and finishes what it began; CLB cuts nothing off.
        deregistrationDelay: 0,
        sticky: false,
        endpoints: own.map(
          ({ ListenerPort, ListenerProtocol }) =>
            `${ListenerProtocol === 'https' ? 'https' : 'http'}://${balancer.Address}:${ListenerPort}`,
        ),
      };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  return {
    find,

    async targets(name) {
      const link = parseLink(name);
      const { balancer, servers } = await serversOf(link);
      const health = new Map<string, string>();
      for (const { ListenerPort, ListenerProtocol, VServerGroupId } of await listenersOf(balancer)) {
        if (VServerGroupId !== link.id) continue;
        const { BackendServers } = await ali.call<{ BackendServers?: { BackendServer?: WireHealth[] } }>(
          'slb',
          'DescribeHealthStatus',
          { LoadBalancerId: balancer, ListenerPort, ListenerProtocol },
        );
        for (const one of BackendServers?.BackendServer ?? [])
          health.set(`${one.ServerId}:${one.Port}`, one.ServerHealthStatus ?? '');
      }
      return servers.map(
        ({ ServerId, Port }): Target => ({
          instanceId: ServerId,
          port: Port,
          state: targetState(health.get(`${ServerId}:${Port}`)),
        }),
      );
    },

    /** Where requests are divided by weight, the new servers come with weight 0 while others serve. */
    async attach(group, names) {
      const ScalingGroupId = await groupIdOf(ali, group);
      const shared = sharedOf(names);
      if (shared !== undefined)
        await ali.call('ess', 'TagResources', {
          ResourceType: 'scalinggroup',
          ResourceIds: [ScalingGroupId],
          Tags: [{ Key: SHARED, Value: shared, Propagate: false }],
        });
      for (const name of names) {
        const link = parseLink(name);
        const { servers } = await serversOf({ ...link, group: undefined });
        const serving = link.group !== undefined && servers.some(({ Weight }) => Number(Weight) > 0);
        const VServerGroups = await linksOf(ali, [name], serving ? 0 : 100);
        await busy(() =>
          ali.call('ess', 'AttachVServerGroups', { ScalingGroupId, ForceAttach: true, VServerGroups }),
        );
      }
    },

    async detach(group, names) {
      const ScalingGroupId = await groupIdOf(ali, group);
      if (ScalingGroupId === undefined) return;
      const VServerGroups = await linksOf(ali, names, 0);
      await busy(() =>
        ali.call('ess', 'DetachVServerGroups', { ScalingGroupId, ForceDetach: true, VServerGroups }),
      );
    },

    /** One for each virtual server group that several of the names are parts of. */
    async forwardings(names) {
      const ids = [...new Set(names.map((name) => parseLink(name).id))];
      return Promise.all(
        ids.map(async (id): Promise<Forwarding> => {
          const parts = names.filter((name) => parseLink(name).id === id);
          const weights = await Promise.all(
            parts.map(async (targetGroup): Promise<ForwardingWeight> => {
              const { servers } = await serversOf(parseLink(targetGroup));
              return { targetGroup, weight: Math.max(0, ...servers.map(({ Weight }) => Number(Weight))) };
            }),
          );
          return { id, name: `virtual server group ${id}`, weights, sticky: 0 };
        }),
      );
    },

    async setWeights({ id }, weights) {
      const changed = await Promise.all(
        weights.map(async ({ targetGroup, weight }) => {
          const { servers } = await serversOf(parseLink(targetGroup));
          return servers.map(({ ServerId, Port }) => ({
            ServerId,
            Port: String(Port),
            Weight: String(Math.min(100, weight)),
            Type: 'ecs',
          }));
        }),
      );
      // What gets more first: there is never a moment in which nobody serves.
      const all = changed.flat().sort((a, b) => Number(b.Weight) - Number(a.Weight));
      for (let at = 0; at < all.length; at += SERVERS_PER_CALL) {
        const BackendServers = JSON.stringify(all.slice(at, at + SERVERS_PER_CALL));
        await busy(() => ali.call('slb', 'SetVServerGroupAttribute', { VServerGroupId: id, BackendServers }));
      }
      await Promise.all(weights.map((one) => keepWeight(one)));
    },
  };

  /** Servers that the scaling group launches from now on come with the same weight. */
  async function keepWeight({ targetGroup, weight }: ForwardingWeight): Promise<void> {
    const { group } = parseLink(targetGroup);
    const ScalingGroupId = group === undefined ? undefined : await groupIdOf(ali, group);
    if (ScalingGroupId === undefined) return;
    const link = parseLink(targetGroup);
    const wanted = Math.min(100, weight);
    const kept = async () => {
      const { ScalingGroups: [found] = [] } = await ali.call<{ ScalingGroups?: WireGroup[] }>(
        'ess',
        'DescribeScalingGroups',
        { ScalingGroupIds: [ScalingGroupId] },
      );
      return (found?.VServerGroups ?? [])
        .flatMap(({ VServerGroupAttributes = [] }) => VServerGroupAttributes)
        .some((one) => one.VServerGroupId === link.id && one.Port === link.port && one.Weight === wanted);
    };
    const VServerGroups = await linksOf(ali, [targetGroup], wanted);
    const attach = () =>
      busy(() =>
        ali.call('ess', 'AttachVServerGroups', { ScalingGroupId, ForceAttach: false, VServerGroups }),
      );
    if (await kept()) return;
    await attach();
    if (await kept()) return;
    // It was attached, and is as it was: out and in again, while its servers stay.
    const out = { ScalingGroupId, ForceDetach: false, VServerGroups };
    await busy(() => ali.call('ess', 'DetachVServerGroups', out));
    await attach();
  }
}

/** Source: CLB, DescribeHealthStatus, ServerHealthStatus: `unavailable` is not checked yet, or not at all. */
export function targetState(status: string | undefined): TargetState {
  if (status === 'normal') return 'healthy';
  if (status === 'abnormal') return 'unhealthy';
  return status === 'unavailable' ? 'initial' : 'unused';
}
