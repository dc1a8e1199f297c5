import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

export interface ClbBalancer {
  balancerId: string;
  name: string;
  /** Where its listeners listen: an address of its own in 127.0.0.0/8. */
  address: string;
  addressType: string;
  /** The engine's id. */
  subnetId: string;
  vpcId: string;
  deletionProtection: boolean;
  createdAt: number;
  tags: Record<string, string>;
}

export interface ClbListener {
  balancerId: string;
  port: number;
  protocol: 'tcp' | 'http';
  state: 'running' | 'stopped';
  serverGroupId: string;
  scheduler: 'wrr' | 'rr';
  check: {
    on: boolean;
    /** Where the check is a request; undefined: a connection. */
    uri?: string;
    port?: number;
    /** Seconds. */
    interval: number;
    timeout: number;
    healthy: number;
    unhealthy: number;
  };
}

export interface ClbServer {
  serverId: string;
  port: number;
  /** 0-100; 0 gets nothing new. */
  weight: number;
}

export interface ClbServerGroup {
  serverGroupId: string;
  balancerId: string;
  name: string;
  servers: ClbServer[];
}

export const clbBalancers = (engine: Engine) => engine.store.table<ClbBalancer>('clbBalancers');
/** What a listener is known by: `lb-…/http/80`. */
export const listenerKey = ({ balancerId, protocol, port }: ClbListener): string =>
  `${balancerId}/${protocol}/${port}`;

/** By listener key. */
export const clbListeners = (engine: Engine) => engine.store.table<ClbListener>('clbListeners');
export const clbServerGroups = (engine: Engine) => engine.store.table<ClbServerGroup>('clbServerGroups');

/** Throws InvalidVServerGroupId.NotFound. */
export function findServerGroup(engine: Engine, serverGroupId: string): ClbServerGroup {
  const found = clbServerGroups(engine).get(serverGroupId);
  if (found) return found;
  throw new ServiceError(
    'InvalidVServerGroupId.NotFound',
    `The specified VServerGroupId ${serverGroupId} does not exist.`,
    404,
  );
}
