import { findBalancer, listenersOf } from '../../../engine/clb/balancers.ts';
import { healthOf, serversOf } from '../../../engine/clb/health.ts';
import {
  createListener,
  deleteListener,
  findListener,
  putListener,
  setListening,
} from '../../../engine/clb/listeners.ts';
import { type ClbListener, clbListeners } from '../../../engine/clb/records.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { oneOf } from '../ess/input.ts';

/** Source: CLB 2014-05-15, CreateLoadBalancerTCPListener and …HTTPListener, with their defaults. */
const DEFAULTS = {
  tcp: { on: true, interval: 2, timeout: 5, healthy: 3, unhealthy: 3 },
  http: { on: false, uri: '/', interval: 2, timeout: 5, healthy: 3, unhealthy: 3 },
};

/** What a request says of a listener; the rest as it was. A TCP listener's names begin partly in lower case. */
function listenerOf(input: Input, before: ClbListener): ClbListener {
  const { check } = before;
  const isTcp = before.protocol === 'tcp';
  const byRequest = isTcp ? oneOf(input, 'HealthCheckType', ['tcp', 'http'] as const) : 'http';
  const uri = input.text('HealthCheckURI') ?? check.uri ?? '/';
  const isOn = input.text(isTcp ? 'HealthCheckSwitch' : 'HealthCheck');
  return {
    ...before,
    serverGroupId: input.text('VServerGroupId') ?? before.serverGroupId,
    scheduler: oneOf(input, 'Scheduler', ['wrr', 'rr'] as const) ?? before.scheduler,
    check: {
      on: isOn === undefined ? check.on : isOn === 'on',
      uri: byRequest === undefined ? check.uri : byRequest === 'http' ? uri : undefined,
      port: input.int('HealthCheckConnectPort') ?? check.port,
      interval: input.int('healthCheckInterval') ?? input.int('HealthCheckInterval') ?? check.interval,
      timeout: input.int('HealthCheckConnectTimeout') ?? input.int('HealthCheckTimeout') ?? check.timeout,
      healthy: input.int('HealthyThreshold') ?? check.healthy,
      unhealthy: input.int('UnhealthyThreshold') ?? check.unhealthy,
    },
  };
}

type Protocol = ClbListener['protocol'];

const creating =
  (protocol: Protocol): Operation =>
  (input, { engine }) => {
    const fresh: ClbListener = {
      balancerId: input.require('LoadBalancerId'),
      port: input.requireInt('ListenerPort'),
      protocol,
      state: 'stopped',
      // The default server group, which has no id, is not offered here.
      serverGroupId: input.require('VServerGroupId'),
      scheduler: 'wrr',
      check: DEFAULTS[protocol],
    };
    createListener(engine, listenerOf(input, fresh));
    return {};
  };

const setting =
  (protocol: Protocol): Operation =>
  (input, { engine }) => {
    putListener(engine, listenerOf(input, named(engine, input, protocol)));
    return {};
  };

/** Throws MissingListenerPort, ListenerNotFound. */
function named(engine: Engine, input: Input, protocol = input.text('ListenerProtocol')): ClbListener {
  return findListener(engine, input.require('LoadBalancerId'), input.requireInt('ListenerPort'), protocol);
}

const view = ({ check, ...listener }: ClbListener) => ({
  LoadBalancerId: listener.balancerId,
  ListenerPort: listener.port,
  ListenerProtocol: listener.protocol,
  Status: listener.state,
  VServerGroupId: listener.serverGroupId,
  Scheduler: listener.scheduler,
  Bandwidth: -1,
  HealthCheck: check.on ? 'on' : 'off',
  HealthCheckType: check.uri === undefined ? 'tcp' : 'http',
  HealthCheckURI: check.uri,
  HealthCheckConnectPort: check.port,
  HealthCheckInterval: check.interval,
  HealthCheckTimeout: check.timeout,
  HealthCheckConnectTimeout: check.timeout,
  HealthyThreshold: check.healthy,
  UnhealthyThreshold: check.unhealthy,
});

const describing =
  (protocol: Protocol): Operation =>
  (input, { engine }) =>
    view(named(engine, input, protocol));

const DescribeLoadBalancerListeners: Operation = (input, { engine }) => {
  const ids = input.list('LoadBalancerId');
  const protocol = input.text('ListenerProtocol');
  const found = clbListeners(engine).filter(
    (listener) =>
      (ids.length === 0 || ids.includes(listener.balancerId)) &&
      (protocol === undefined || listener.protocol === protocol),
  );
  const { items, view: page } = pageOf(input, found, 100);
  return {
    TotalCount: page.TotalCount,
    MaxResults: page.PageSize,
    NextToken: page.NextToken || undefined,
    Listeners: items.map(view),
  };
};

const StartLoadBalancerListener: Operation = (input, { engine }) => {
  setListening(engine, named(engine, input), 'running');
  return {};
};

const StopLoadBalancerListener: Operation = (input, { engine }) => {
  setListening(engine, named(engine, input), 'stopped');
  return {};
};

const DeleteLoadBalancerListener: Operation = (input, { engine }) => {
  deleteListener(engine, named(engine, input));
  return {};
};

/** Of one listener, or of all. Throws InvalidLoadBalancerId.NotFound, ListenerNotFound. */
const DescribeHealthStatus: Operation = (input, { engine }) => {
  const { balancerId } = findBalancer(engine, input.require('LoadBalancerId'));
  const all = input.has('ListenerPort') ? [named(engine, input)] : listenersOf(engine, balancerId);
  return {
    BackendServers: {
      BackendServer: all.flatMap((listener) =>
        serversOf(engine, listener).map((server) => ({
          ServerId: server.serverId,
          Port: server.port,
          ListenerPort: listener.port,
          Protocol: listener.protocol,
          ServerHealthStatus: healthOf(engine, listener, server),
          Type: 'ecs',
        })),
      ),
    },
  };
};

export const listenerOperations: Record<string, Operation> = {
  CreateLoadBalancerTCPListener: creating('tcp'),
  CreateLoadBalancerHTTPListener: creating('http'),
  SetLoadBalancerTCPListenerAttribute: setting('tcp'),
  SetLoadBalancerHTTPListenerAttribute: setting('http'),
  DescribeLoadBalancerTCPListenerAttribute: describing('tcp'),
  DescribeLoadBalancerHTTPListenerAttribute: describing('http'),
  DescribeLoadBalancerListeners,
  StartLoadBalancerListener,
  StopLoadBalancerListener,
  DeleteLoadBalancerListener,
  DescribeHealthStatus,
};
