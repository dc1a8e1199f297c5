/** Where instances get requests from (AWS: ELBv2 target groups, listeners and their rules). */
export interface TargetGroup {
  arn: string;
  name: string;
  protocol: string;
  /** Port that targets listen on unless they say otherwise. */
  port: number;
  /** Path of its health check; undefined where the check is no request (TCP). */
  healthCheckPath?: string;
  /** How long a target that is taken out may finish what it began, milliseconds. */
  deregistrationDelay: number;
  /** Whether the target group keeps a client at its target (a shift of weights is late by that time). */
  sticky: boolean;
  /** Addresses of the load balancers that send to it, as a client reaches them: "http://name:port". */
  endpoints: string[];
}

/** `unused`: no listener sends to the target group, or the target's zone is off. `initial`: being registered. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused' | 'unavailable';

export interface Target {
  instanceId: string;
  port: number;
  state: TargetState;
  /** The cloud's own words. */
  reason?: string;
}

/** A listener's default action, or a rule, that forwards to target groups by weight. */
export interface Forwarding {
  /** ARN of the listener or the rule. */
  id: string;
  /** "listener HTTP:80", "rule 10 of listener HTTP:80". */
  name: string;
  weights: ForwardingWeight[];
  /** How long a client stays with the target group that it was sent to first, milliseconds; 0: it does not. */
  sticky: number;
}

export interface ForwardingWeight {
  targetGroup: string;
  /** 0-999. Where only one target group is named, its weight is whatever the cloud says. */
  weight: number;
}

export interface Traffic {
  /** By name or ARN. */
  find(nameOrArn: string): Promise<TargetGroup | undefined>;
  /** Every target of a target group with its health. */
  targets(targetGroup: string): Promise<Target[]>;
  /** Lets the target groups send to the group's instances, to those launched later too. Idempotent; waits for nothing. */
  attach(group: string, targetGroups: string[]): Promise<void>;
  /** The instances are deregistered and go on running. Idempotent; waits for nothing. */
  detach(group: string, targetGroups: string[]): Promise<void>;
  /** Every default action and rule of every listener that forwards to any of these target groups (ARNs). */
  forwardings(targetGroups: string[]): Promise<Forwarding[]>;
  /** Sets these weights in one call; what the action or rule says besides stays as it is. */
  setWeights(forwarding: Forwarding, weights: ForwardingWeight[]): Promise<void>;
}
