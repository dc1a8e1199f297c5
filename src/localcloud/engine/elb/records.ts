import type { Engine } from '../engine.ts';

export interface LoadBalancerRecord {
  arn: string;
  name: string;
  type: 'application' | 'network';
  scheme: string;
  vpcId: string;
  subnets: { subnetId: string; zone: string }[];
  securityGroups: string[];
  ipAddressType: string;
  /** Only what was set; see attributes.ts for the defaults. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  createdAt: number;
  /** Where its listeners listen; also its DNS name. */
  address: string;
}

export interface HealthCheck {
  enabled: boolean;
  protocol: string;
  /** `traffic-port` or a number. */
  port: string;
  path: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** HTTP codes: `200`, `200,202`, `200-299`. */
  matcher: string;
}

export interface TargetGroupRecord {
  arn: string;
  name: string;
  protocol: string;
  protocolVersion?: string;
  port: number;
  vpcId: string;
  targetType: 'instance' | 'ip';
  healthCheck: HealthCheck;
  /** Only what was set; see attributes.ts for the defaults. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  createdAt: number;
}

export interface TargetRecord {
  groupArn: string;
  /** An instance's id, or an address. */
  id: string;
  port: number;
  /** What checks have said so far. Whether it is in use at all is the listeners' matter. */
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** A reason code without its prefix `Elb.` or `Target.`. */
  reason?: string;
  description?: string;
  /** Checks in a row with the same outcome, and which. */
  streak: { passed: boolean; count: number };
  /** Milliseconds. */
  nextCheckAt: number;
  /** Draining ends then, milliseconds. */
  drainUntil?: number;
}

/** What a listener or a rule does with a request. */
export interface ActionRecord {
  type: 'forward' | 'fixed-response' | 'redirect';
  order?: number;
  forward?: {
    targetGroups: { arn: string; weight: number }[];
    stickiness?: { enabled: boolean; durationSeconds?: number };
  };
  fixedResponse?: { statusCode: string; contentType?: string; body?: string };
  redirect?: {
    protocol: string;
    port: string;
    host: string;
    path: string;
    query: string;
    statusCode: string;
  };
}

export interface ListenerRecord {
  arn: string;
  loadBalancerArn: string;
  port: number;
  protocol: string;
  actions: ActionRecord[];
  tags: Record<string, string>;
}

export interface ConditionRecord {
  field: string;
  /** Alternatives: one of them has to match. */
  values: string[];
  headerName?: string;
  /** query-string: a key may be missing. */
  pairs?: { key?: string; value: string }[];
}

/** Besides the listener's own actions, which are its default rule. */
export interface RuleRecord {
  arn: string;
  listenerArn: string;
  /** 1 to 50000; the smallest that matches wins. */
  priority: number;
  conditions: ConditionRecord[];
  actions: ActionRecord[];
  tags: Record<string, string>;
}

export const loadBalancers = (engine: Engine) => engine.store.table<LoadBalancerRecord>('elb/loadBalancers');
export const targetGroups = (engine: Engine) => engine.store.table<TargetGroupRecord>('elb/targetGroups');
export const targets = (engine: Engine) => engine.store.table<TargetRecord>('elb/targets');
export const listeners = (engine: Engine) => engine.store.table<ListenerRecord>('elb/listeners');
export const rules = (engine: Engine) => engine.store.table<RuleRecord>('elb/rules');

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:RESOURCE` */
export const elbArn = (engine: Engine, resource: string) =>
  `arn:aws:elasticloadbalancing:${engine.region}:${engine.account}:${resource}`;
