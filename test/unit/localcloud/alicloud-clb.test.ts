import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { targetAnswers } from '../../../src/localcloud/engine/elb/checks.ts';
import { answeringRuntime } from '../../helpers/answering-runtime.ts';
import { codeOf, type EssWorld, essWorld } from '../../helpers/ess.ts';

const PORT = 8_098;

let world: EssWorld;
let servers: Server[];
beforeEach(async () => {
  servers = [];
  world = await essWorld();
});
afterEach(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await world.cloud.close();
});

const slb = (action: string, parameters: Record<string, unknown> = {}) =>
  world.call('slb', action, parameters);

async function launch(Amount: number): Promise<string[]> {
  const LaunchTemplateId = await world.template(1);
  const { InstanceIdSets } = (await world.call('ecs', 'RunInstances', { LaunchTemplateId, Amount })) as {
    InstanceIdSets: { InstanceIdSet: string[] };
  };
  await world.passes(10);
  return InstanceIdSets.InstanceIdSet;
}

const listed = (ids: string[], weights: number[] = [], port: number | string = '80') =>
  JSON.stringify(
    ids.map((ServerId, at) => ({ ServerId, Port: port, Weight: String(weights[at] ?? 100), Type: 'ecs' })),
  );

/** A load balancer with one listener and its server group. */
async function balancer(BackendServers: string, protocol = 'HTTP', more: Record<string, unknown> = {}) {
  const { LoadBalancerId, Address } = (await slb('CreateLoadBalancer', { LoadBalancerName: 'web' })) as {
    LoadBalancerId: string;
    Address: string;
  };
  const { VServerGroupId } = (await slb('CreateVServerGroup', {
    ...{ LoadBalancerId, VServerGroupName: 'all', BackendServers },
  })) as { VServerGroupId: string };
  const listener = { LoadBalancerId, ListenerPort: PORT };
  await slb(`CreateLoadBalancer${protocol}Listener`, {
    ...{ ...listener, VServerGroupId, HealthCheck: 'on', HealthCheckURI: '/health', Bandwidth: -1 },
    ...more,
  });
  await slb('StartLoadBalancerListener', { ...listener, ListenerProtocol: protocol.toLowerCase() });
  await world.passes(10);
  return { LoadBalancerId, Address, VServerGroupId };
}

async function ask(host: string): Promise<{ status: number; body: string }> {
  const asked = request({ host, port: PORT, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode!, body: (await text(answer)).trim() };
}

async function count(host: string, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < requests; n++) {
    const { body } = await ask(host);
    counts[body] = (counts[body] ?? 0) + 1;
  }
  return counts;
}

async function health(LoadBalancerId: string): Promise<Record<string, string>> {
  const { BackendServers } = (await slb('DescribeHealthStatus', {
    ...{ LoadBalancerId, ListenerPort: PORT, ListenerProtocol: 'http' },
  })) as { BackendServers: { BackendServer: { ServerId: string; ServerHealthStatus: string }[] } };
  return Object.fromEntries(
    BackendServers.BackendServer.map(({ ServerId, ServerHealthStatus }) => [ServerId, ServerHealthStatus]),
  );
}

async function weights(VServerGroupId: string): Promise<Record<string, number>> {
  const { BackendServers } = (await slb('DescribeVServerGroupAttribute', { VServerGroupId })) as {
    BackendServers: { BackendServer: { ServerId: string; Weight: number }[] };
  };
  return Object.fromEntries(BackendServers.BackendServer.map(({ ServerId, Weight }) => [ServerId, Weight]));
}

test('requests are shared by weight to the last one, and a server of weight 0 gets none', async () => {
  const [a, b, c] = (await launch(3)) as [string, string, string];
  const { Address, VServerGroupId } = await balancer(listed([a, b, c], [60, 30, 10]));
  expect(await count(Address, 100)).toEqual({ [a]: 60, [b]: 30, [c]: 10 });
  await slb('SetVServerGroupAttribute', { VServerGroupId, BackendServers: listed([a, b, c], [0, 50, 50]) });
  expect(await count(Address, 20)).toEqual({ [b]: 10, [c]: 10 });
  await slb('SetVServerGroupAttribute', { VServerGroupId, BackendServers: listed([b, c], [0, 0]) });
  expect((await ask(Address)).status).toBe(503);
});

test('an abnormal server gets nothing until it is well again; one of weight 0 is looked at, too', async () => {
  const [a, b] = (await launch(2)) as [string, string];
  const { LoadBalancerId, Address } = await balancer(listed([a, b], [100, 0]));
  expect(await health(LoadBalancerId)).toEqual({ [a]: 'normal', [b]: 'normal' });
  targetAnswers(world.cloud.engine).put(b, 500);
  await world.passes(3);
  expect((await health(LoadBalancerId))[b]).toBe('normal');
  await world.passes(6);
  expect((await health(LoadBalancerId))[b]).toBe('abnormal');
  targetAnswers(world.cloud.engine).delete(b);
  await world.passes(10);
  expect((await health(LoadBalancerId))[b]).toBe('normal');
  targetAnswers(world.cloud.engine).put(a, 'refused');
  await world.passes(10);
  expect((await health(LoadBalancerId))[a]).toBe('abnormal');
  // None that has any weight is well: it is tried all the same.
  expect((await ask(Address)).status).toBe(502);
});

test('a server is unavailable before its first check, and where checks are off', async () => {
  const [a] = (await launch(1)) as [string];
  const { LoadBalancerId, Address } = await balancer(listed([a]), 'HTTP', { HealthCheck: 'off' });
  expect(await health(LoadBalancerId)).toEqual({ [a]: 'unavailable' });
  expect(await ask(Address)).toEqual({ status: 200, body: a });
});

test('a weight is changed only of servers that are in, twenty in a call', async () => {
  const [a, b] = (await launch(2)) as [string, string];
  const { VServerGroupId, LoadBalancerId } = await balancer(listed([a]));
  await slb('SetVServerGroupAttribute', { VServerGroupId, BackendServers: listed([a, b], [7, 8]) });
  expect(await weights(VServerGroupId)).toEqual({ [a]: 7 });
  await slb('AddVServerGroupBackendServers', { VServerGroupId, BackendServers: listed([b], [8]) });
  expect(await weights(VServerGroupId)).toEqual({ [a]: 7, [b]: 8 });
  const many = listed(Array.from({ length: 21 }, () => a));
  const set = (BackendServers: string) => slb('SetVServerGroupAttribute', { VServerGroupId, BackendServers });
  expect(await codeOf(set(many))).toBe('InvalidParameter');
  expect(await codeOf(set(listed([a], [101])))).toBe('InvalidParameter');
  expect(await codeOf(set('{}'))).toBe('InvalidParameter');
  await slb('ModifyVServerGroupBackendServers', {
    ...{ VServerGroupId, OldBackendServers: listed([a]), NewBackendServers: listed([b], [9]) },
  });
  expect(await weights(VServerGroupId)).toEqual({ [b]: 9 });
  await slb('RemoveVServerGroupBackendServers', { VServerGroupId, BackendServers: listed([a, b]) });
  expect(await weights(VServerGroupId)).toEqual({});
  const { VServerGroups } = (await slb('DescribeVServerGroups', { LoadBalancerId })) as {
    VServerGroups: { VServerGroup: object[] };
  };
  expect(VServerGroups.VServerGroup).toEqual([{ VServerGroupId, VServerGroupName: 'all', ServerCount: 0 }]);
  expect(await codeOf(slb('DeleteVServerGroup', { VServerGroupId }))).toBe('RspoolVipExist');
  const BackendServers = listed(['i-0123456789abcdef0']);
  expect(await codeOf(slb('AddVServerGroupBackendServers', { VServerGroupId, BackendServers }))).toBe(
    'ObtainIpFail',
  );
});

test('what is under way at a server ends in its own time when its weight goes to 0, and is cut when it leaves', async () => {
  await world.cloud.close();
  world = await essWorld({ runtime: answeringRuntime(() => undefined) });
  const [a, b] = (await launch(2)) as [string, string];
  const held: ServerResponse[] = [];
  for (const id of [a, b]) {
    const server = createServer((asked, response) => {
      if (asked.url === '/health') response.end();
      else if (asked.url === '/' && id === a) held.push(response);
      else response.end(id);
    });
    servers.push(server);
    server.listen(80, instances(world.cloud.engine).get(id)!.address);
    await once(server, 'listening');
  }
  const { Address, VServerGroupId } = await balancer(listed([a, b], [100, 0]));
  const first = ask(Address);
  const second = ask(Address);
  await expect.poll(() => held.length).toBe(2);
  await slb('SetVServerGroupAttribute', { VServerGroupId, BackendServers: listed([a, b], [0, 100]) });
  expect(await ask(Address)).toEqual({ status: 200, body: b });
  held[0]!.end('late');
  expect((await Promise.race([first, second])).body).toBe('late');
  await slb('RemoveVServerGroupBackendServers', { VServerGroupId, BackendServers: listed([a]) });
  const all = await Promise.all([first, second]);
  expect(all.map(({ status }) => status).sort()).toEqual([200, 502]);
});

test('a TCP listener passes connections on; stopped, it takes none', async () => {
  await world.cloud.close();
  world = await essWorld({ runtime: answeringRuntime(() => undefined) });
  const [a] = (await launch(1)) as [string];
  const echo = createTcpServer((socket) => void socket.pipe(socket));
  echo.listen(7_001, instances(world.cloud.engine).get(a)!.address);
  await once(echo, 'listening');
  const { Address, LoadBalancerId } = await balancer(listed([a], [1], 7_001), 'TCP');
  const client = connect(PORT, Address);
  client.end('hello');
  expect(await text(client)).toBe('hello');
  const listener = { LoadBalancerId, ListenerPort: PORT, ListenerProtocol: 'tcp' };
  expect(await slb('DescribeLoadBalancerTCPListenerAttribute', listener)).toMatchObject({
    Status: 'running',
    HealthCheckType: 'tcp',
  });
  await slb('StopLoadBalancerListener', listener);
  const refused = connect(PORT, Address);
  expect(((await once(refused, 'error').catch((error) => [error])) as Error[])[0]).toMatchObject({
    code: 'ECONNREFUSED',
  });
  echo.close();
  await slb('DeleteLoadBalancerListener', listener);
  expect(await codeOf(slb('DescribeHealthStatus', listener))).toBe('ListenerNotFound');
  await slb('DeleteLoadBalancer', { LoadBalancerId });
  expect(await codeOf(slb('DescribeLoadBalancerAttribute', { LoadBalancerId }))).toBe(
    'InvalidLoadBalancerId.NotFound',
  );
});

test('a listener is created stopped, shown by every operation, and moved to another server group', async () => {
  const { LoadBalancerId, VServerGroupId } = await balancer('[]', 'HTTP');
  const listener = { LoadBalancerId, ListenerPort: PORT };
  const other = await slb('CreateVServerGroup', { LoadBalancerId, VServerGroupName: 'green' });
  expect(
    await codeOf(slb('CreateLoadBalancerHTTPListener', { ...listener, VServerGroupId, HealthCheck: 'on' })),
  ).toBe('ListenerAlreadyExists');
  await slb('SetLoadBalancerHTTPListenerAttribute', {
    ...{ ...listener, VServerGroupId: other.VServerGroupId, HealthyThreshold: 2 },
  });
  expect(await slb('DescribeLoadBalancerHTTPListenerAttribute', listener)).toMatchObject({
    Status: 'running',
    HealthCheck: 'on',
    HealthCheckURI: '/health',
    HealthyThreshold: 2,
    VServerGroupId: other.VServerGroupId,
  });
  await slb('CreateLoadBalancerTCPListener', { LoadBalancerId, ListenerPort: 8_097, VServerGroupId });
  await slb('SetLoadBalancerTCPListenerAttribute', {
    ...{ LoadBalancerId, ListenerPort: 8_097, HealthCheckSwitch: 'off' },
  });
  const { Listeners } = await slb('DescribeLoadBalancerListeners', { LoadBalancerId: [LoadBalancerId] });
  expect(Listeners).toEqual([
    expect.objectContaining({ ListenerProtocol: 'http', Status: 'running' }),
    expect.objectContaining({ ListenerProtocol: 'tcp', Status: 'stopped', HealthCheck: 'off' }),
  ]);
  expect(await slb('DescribeLoadBalancers', { LoadBalancerName: 'web' })).toMatchObject({
    TotalCount: 1,
    LoadBalancers: { LoadBalancer: [{ LoadBalancerId, LoadBalancerStatus: 'active' }] },
  });
});

test('a scaling group keeps its server groups up to date: weight 50, 0 in standby, gone when removed', async () => {
  const { LoadBalancerId, VServerGroupId } = await balancer('[]');
  const group = await world.group(2);
  const VServerGroups = [
    { LoadBalancerId, VServerGroupAttributes: [{ VServerGroupId, Port: 80, Weight: 50 }] },
  ];
  const ScalingGroupId = group;
  await world.ess('AttachVServerGroups', { ScalingGroupId, VServerGroups });
  expect(await weights(VServerGroupId)).toEqual({});
  await world.ess('AttachVServerGroups', { ScalingGroupId, VServerGroups, ForceAttach: true });
  const [a, b] = (await world.members(group)).map(({ InstanceId }) => InstanceId) as [string, string];
  expect(await weights(VServerGroupId)).toEqual({ [a]: 50, [b]: 50 });
  await world.ess('EnterStandby', { ScalingGroupId, InstanceIds: [a] });
  expect(await weights(VServerGroupId)).toEqual({ [a]: 0, [b]: 50 });
  await world.ess('ExitStandby', { ScalingGroupId, InstanceIds: [a] });
  await world.ess('ModifyScalingGroup', { ScalingGroupId, DesiredCapacity: 3 });
  await world.passes(10);
  expect(Object.values(await weights(VServerGroupId))).toEqual([50, 50, 50]);
  expect((await world.groupOf(group)).VServerGroups).toEqual(VServerGroups);
  await world.ess('RemoveInstances', { ScalingGroupId, InstanceIds: [a] });
  expect(Object.keys(await weights(VServerGroupId))).not.toContain(a);
  await world.ess('DetachVServerGroups', { ScalingGroupId, VServerGroups, ForceDetach: true });
  expect(await weights(VServerGroupId)).toEqual({});
});
