import {
  type Action,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  paginateDescribeListeners,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Forwarding, ForwardingWeight } from '../cloud.ts';
import type { Connection } from './connection.ts';

/** A default action or a rule of a listener, as AWS describes them. */
export interface Route {
  balancer: LoadBalancer;
  listener: Listener;
  /** Undefined: the listener's default action. */
  rule?: Rule;
  actions: Action[];
}

/** Everything that the load balancers of these target groups may do with a request: listener by listener, rules in their order. */
export async function routesOf(aws: Connection, targetGroups: string[]): Promise<Route[]> {
  if (targetGroups.length === 0) return [];
  const client = aws.client(ElasticLoadBalancingV2Client);
  const { TargetGroups = [] } = await client.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: targetGroups }),
  );
  return routesThrough(aws, [...new Set(TargetGroups.flatMap((group) => group.LoadBalancerArns ?? []))]);
}

/** The same, of load balancers by ARN. */
export async function routesThrough(aws: Connection, LoadBalancerArns: string[]): Promise<Route[]> {
  // Without names AWS would describe every load balancer of the account.
  if (LoadBalancerArns.length === 0) return [];
  const client = aws.client(ElasticLoadBalancingV2Client);
  const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
  const routes: Route[] = [];
  for (const balancer of LoadBalancers) {
    const { LoadBalancerArn } = balancer;
    for await (const page of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
      for (const listener of page.Listeners ?? []) {
        const rules = await rulesOf(client, listener);
        routes.push(...rules.map((rule) => ({ balancer, listener, rule, actions: rule.Actions ?? [] })));
        routes.push({ balancer, listener, actions: listener.DefaultActions ?? [] });
      }
    }
  }
  return routes;
}

/** In the order in which they are tried; the default one is the listener's own. Network listeners have none. */
async function rulesOf(
  client: ElasticLoadBalancingV2Client,
  { ListenerArn, Protocol }: Listener,
): Promise<Rule[]> {
  if (Protocol !== 'HTTP' && Protocol !== 'HTTPS') return [];
  const rules: Rule[] = [];
  for await (const page of paginateDescribeRules({ client }, { ListenerArn })) {
    rules.push(...(page.Rules ?? []).filter((rule) => !rule.IsDefault));
  }
  return rules.sort((a, b) => Number(a.Priority) - Number(b.Priority));
}

/** The action of a list that sends requests to target groups: the last, after any that authenticates. */
const forwarding = (actions: Action[]): Action | undefined => actions.find(({ Type }) => Type === 'forward');

/** To which target groups, by weight. With one alone AWS may name it outside of the list. */
export function weightsOf(actions: Action[]): ForwardingWeight[] {
  const { ForwardConfig, TargetGroupArn } = forwarding(actions) ?? {};
  const named = ForwardConfig?.TargetGroups ?? [];
  if (named.length === 0) return TargetGroupArn ? [{ targetGroup: TargetGroupArn, weight: 1 }] : [];
  return named.map((group) => ({ targetGroup: group.TargetGroupArn!, weight: group.Weight ?? 1 }));
}

/** A route in bake's words. */
export function toForwarding({ listener, rule, actions }: Route): Forwarding {
  const at = `listener ${listener.Protocol}:${listener.Port}`;
  const sticky = forwarding(actions)?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    id: rule?.RuleArn ?? listener.ListenerArn!,
    name: rule ? `rule ${rule.Priority} of ${at}` : at,
    weights: weightsOf(actions),
    sticky: sticky?.Enabled ? (sticky.DurationSeconds ?? 0) * 1_000 : 0,
  };
}

/**
 * The same actions with other weights, as a request that changes them takes them. Target groups that are not named keep theirs.
 * An answer never holds an OIDC client's secret: the existing one is kept by saying so.
 */
export function withWeights(actions: Action[], weights: ForwardingWeight[]): Action[] {
  const kept = weightsOf(actions).filter(
    ({ targetGroup }) => !weights.some((each) => each.targetGroup === targetGroup),
  );
  const TargetGroups = [...kept, ...weights].map(({ targetGroup, weight }) => ({
    TargetGroupArn: targetGroup,
    Weight: weight,
  }));
  return actions.map((action) => {
    if (action.AuthenticateOidcConfig) {
      const { ClientSecret: _, ...config } = action.AuthenticateOidcConfig;
      return { ...action, AuthenticateOidcConfig: { ...config, UseExistingClientSecret: true } };
    }
    if (action.Type !== 'forward') return action;
    const { TargetGroupArn: _, ...others } = action;
    return { ...others, ForwardConfig: { ...action.ForwardConfig, TargetGroups } };
  });
}
