import {
  AttachTrafficSourcesCommand,
  AutoScalingClient,
  DetachTrafficSourcesCommand,
  paginateDescribeTrafficSources,
  type TrafficSourceIdentifier,
} from '@aws-sdk/client-auto-scaling';
import {
  type TargetGroup as AwsTargetGroup,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target, TargetGroup, TargetState, Traffic } from '../cloud.ts';
import { inBatches } from './batches.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { failedWith } from './errors.ts';
import { type Route, routesOf, routesThrough, toForwarding, weightsOf, withWeights } from './forwardings.ts';

/** Traffic sources that one request may name. Source: AWS "Quotas for Amazon EC2 Auto Scaling". */
const MOST_SOURCES = 10;

/** Elastic Load Balancing (version 2), and what Auto Scaling registers there. */
export function traffic(aws: Connection): Traffic {
  const balancing = aws.client(ElasticLoadBalancingV2Client);
  const scaling = aws.client(AutoScalingClient);

  async function describe(nameOrArn: string): Promise<AwsTargetGroup | undefined> {
    const query = nameOrArn.startsWith('arn:') ? { TargetGroupArns: [nameOrArn] } : { Names: [nameOrArn] };
    try {
      return (await balancing.send(new DescribeTargetGroupsCommand(query))).TargetGroups?.[0];
    } catch (error) {
      if (failedWith(error, 'TargetGroupNotFoundException')) return undefined;
      throw error;
    }
  }

  async function attributes(TargetGroupArn: string): Promise<Map<string, string>> {
    const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn });
    const { Attributes = [] } = await balancing.send(command);
    return new Map(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** Those that are attached; without those on their way out. */
  async function attached(AutoScalingGroupName: string): Promise<string[]> {
    const found: string[] = [];
    for await (const page of paginateDescribeTrafficSources({ client: scaling }, { AutoScalingGroupName })) {
      for (const { Identifier, State } of page.TrafficSources ?? []) {
        if (Identifier && State !== 'Removing' && State !== 'Removed') found.push(Identifier);
      }
    }
    return found;
  }

  return {
    async find(nameOrArn) {
      const group = await describe(nameOrArn);
      if (!group) return undefined;
      const [values, routes] = await Promise.all([
        attributes(group.TargetGroupArn!),
        routesThrough(aws, group.LoadBalancerArns ?? []),
      ]);
      return toTargetGroup(group, values, routes);
    },

    async targets(TargetGroupArn) {
      const { TargetHealthDescriptions = [] } = await balancing.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return TargetHealthDescriptions.map(toTarget);
    },

    attach: (group, targetGroups) => attachSources(aws, group, sourcesOf(targetGroups)),

    // Detaching what is not attached is one: whether the answer was lost shows in a second look.
    async detach(AutoScalingGroupName, targetGroups) {
      const still = async () =>
        (await attached(AutoScalingGroupName)).filter((arn) => targetGroups.includes(arn));
      for (const TrafficSources of inBatches(sourcesOf(await still()), MOST_SOURCES)) {
        const command = new DetachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources });
        try {
          await whileBusy(aws, () => scaling.send(command));
        } catch (error) {
          const left = await still();
          if (TrafficSources.some(({ Identifier }) => left.includes(Identifier!))) throw error;
        }
      }
    },

    async forwardings(targetGroups) {
      const routes = await routesOf(aws, targetGroups);
      return routes
        .map(toForwarding)
        .filter(({ weights }) => weights.some(({ targetGroup }) => targetGroups.includes(targetGroup)));
    },

    async setWeights({ id }, weights) {
      // What else it says is read now: it may have been changed since the forwarding was looked at.
      if (id.includes(':listener-rule/')) {
        const { Rules } = await balancing.send(new DescribeRulesCommand({ RuleArns: [id] }));
        const Actions = withWeights(Rules?.[0]?.Actions ?? [], weights);
        await balancing.send(new ModifyRuleCommand({ RuleArn: id, Actions }));
        return;
      }
      const { Listeners } = await balancing.send(new DescribeListenersCommand({ ListenerArns: [id] }));
      const DefaultActions = withWeights(Listeners?.[0]?.DefaultActions ?? [], weights);
      await balancing.send(new ModifyListenerCommand({ ListenerArn: id, DefaultActions }));
    },
  };
}

/**
 * Attaching what is attached is no error. AWS recommends this call over AttachLoadBalancerTargetGroups and AttachLoadBalancers, which it
 * supersedes.
 */
export async function attachSources(
  aws: Connection,
  AutoScalingGroupName: string,
  sources: TrafficSourceIdentifier[],
): Promise<void> {
  for (const TrafficSources of inBatches(sources, MOST_SOURCES)) {
    const command = new AttachTrafficSourcesCommand({ AutoScalingGroupName, TrafficSources });
    await whileBusy(aws, () => aws.client(AutoScalingClient).send(command));
  }
}

const sourcesOf = (targetGroups: string[]): TrafficSourceIdentifier[] =>
  targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' }));

function toTargetGroup(group: AwsTargetGroup, attributes: Map<string, string>, routes: Route[]): TargetGroup {
  const arn = group.TargetGroupArn!;
  const checkedByRequest = group.HealthCheckProtocol === 'HTTP' || group.HealthCheckProtocol === 'HTTPS';
  return {
    arn,
    name: group.TargetGroupName!,
    protocol: group.Protocol ?? '',
    port: group.Port ?? 0,
    healthCheckPath: checkedByRequest ? group.HealthCheckPath : undefined,
    deregistrationDelay: Number(attributes.get('deregistration_delay.timeout_seconds') ?? 300) * 1_000,
    sticky: attributes.get('stickiness.enabled') === 'true',
    endpoints: [...new Set(routes.filter((route) => sendsTo(route, arn)).map(endpointOf))],
  };
}

const sendsTo = ({ actions }: Route, arn: string) =>
  weightsOf(actions).some(({ targetGroup }) => targetGroup === arn);

const endpointOf = ({ balancer, listener }: Route) =>
  `${(listener.Protocol ?? '').toLowerCase()}://${balancer.DNSName}:${listener.Port}`;

const toTarget = ({ Target: target, TargetHealth }: TargetHealthDescription): Target => ({
  instanceId: target?.Id ?? '',
  port: target?.Port ?? 0,
  state: toState(TargetHealth?.State),
  reason: [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean).join(': ') || undefined,
});

/** `unhealthy.draining`: a network load balancer lets an unhealthy target finish what it has. */
function toState(state: string | undefined): TargetState {
  switch (state) {
    case 'initial':
    case 'healthy':
    case 'unhealthy':
    case 'draining':
    case 'unused':
      return state;
    case 'unhealthy.draining':
      return 'unhealthy';
    default:
      return 'unavailable';
  }
}
