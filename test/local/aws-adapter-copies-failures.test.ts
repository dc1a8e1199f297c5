import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, CopiedGroup } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';
import { type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { type FullGroup, makeFullGroup } from '../helpers/full-group.ts';

let adapter: AdapterTest;
let balancer: Balancer;
let full: FullGroup;
beforeAll(async () => {
  adapter = await startAdapter();
  balancer = await makeBalancer(adapter.local, ['blue', 'green']);
  const { templates, queues } = adapter.cloud;
  await queues.create({ name: 'notices', visibilityTimeout: 30_000, tags: {} });
  const settings = {
    imageId: baseImageId(adapter.local.engine),
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  const { id } = await templates.create({ token: 't', name: 'web', description: '', settings, tags: {} });
  await templates.createVersion({ token: 'v2', templateId: id, source: 1, description: '', settings: {} });
  full = {
    name: 'web',
    subnets: subnets(adapter.local.engine)
      .all()
      .map(({ subnetId }) => subnetId),
    template: { id, version: 1 },
    targetGroups: [balancer.targetGroups[0]!],
    now: adapter.clock.now(),
  };
  await makeFullGroup(adapter.local, full, { warmPool: true });
});
afterAll(async () => {
  balancer.close();
  await adapter.close();
});

const copyNamed = (name: string): CopiedGroup => ({
  name,
  template: { id: full.template.id, version: 2 },
  tags: { 'bake:project': 'demo' },
  traffic: true,
});

const through = (endpoint: string): Promise<Cloud> => {
  const { credentials, region } = adapter.local;
  return openCloud({ kind: 'aws', endpoint, credentials, region, local: true, clock: adapter.clock });
};

describe('a copy whose maker dies after any of its calls', () => {
  /** Carries out so many changes; of the last nobody hears, and of what is asked after it nothing is heard or done. */
  let lifetime = Number.POSITIVE_INFINITY;
  const changes: string[] = [];
  let server: Server;
  let cloud: Cloud;
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const body = await buffer(request);
      const operation = operationOf(request, body.toString());
      const dead = () => changes.length >= lifetime;
      if (!dead()) {
        if (!/^(Describe|List)/.test(operation)) changes.push(operation);
        const { method, headers, url } = request;
        const forwarded = httpRequest(`${adapter.local.endpoint}${url}`, { method, headers });
        forwarded.end(body);
        const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
        const content = await buffer(answer);
        if (!dead()) return response.writeHead(answer.statusCode!, answer.headers).end(content);
      }
      const error = '<Error><Code>Killed</Code><Message>killed</Message></Error>';
      response.writeHead(400, { 'content-type': 'text/xml' });
      return response.end(`<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cloud = await through(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => {
    cloud.close();
    server.close();
    server.closeAllConnections();
  });

  test('is completed by the next one, whichever call was the last', async () => {
    await cloud.copies.copy(full.name, copyNamed('whole'));
    const all = changes.splice(0);
    expect(all[0]).toBe('CreateAutoScalingGroup');
    expect(all[1]).toBe('SuspendProcesses');
    expect(all.at(-1)).toBe('UpdateAutoScalingGroup');
    for (let last = 1; last <= all.length; last++) {
      const to = copyNamed(`copy-${last}`);
      lifetime = last;
      await expect(cloud.copies.copy(full.name, to), all[last - 1]).rejects.toThrow();
      lifetime = Number.POSITIVE_INFINITY;
      const done = changes.splice(0);
      expect(done).toEqual(all.slice(0, last));
      await cloud.copies.copy(full.name, to);
      expect(await cloud.copies.differences(full.name, to), `after ${all[last - 1]}`).toEqual([]);
      // What was there is not made again; only what makes sure of a state is said twice.
      const again = changes.splice(0).filter((name) => !SAID_TWICE.includes(name));
      expect([...done.filter((name) => !SAID_TWICE.includes(name)), ...again].sort()).toEqual(
        all.filter((name) => !SAID_TWICE.includes(name)).sort(),
      );
    }
  }, 60_000);
});

const SAID_TWICE = ['CreateAutoScalingGroup', 'SuspendProcesses', 'AttachTrafficSources'];

const operationOf = (request: IncomingMessage, body: string): string =>
  String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '') ||
  (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? '?');

describe('when every answer to a change is lost once', () => {
  let proxy: FaultyProxy;
  let cloud: Cloud;
  beforeAll(async () => {
    proxy = await faultyProxy(adapter.local.endpoint);
    proxy.fail('a lost answer', (_, operation) => !/^(Describe|List)/.test(operation));
    cloud = await through(proxy.endpoint);
  });
  afterAll(() => {
    cloud.close();
    proxy.close();
  });

  test('a copy is made once and whole, is attached and detached, shifted to, and removed', async () => {
    const { copies, traffic, groups } = cloud;
    const to = copyNamed('lost');
    await copies.copy(full.name, to);
    expect(await copies.differences(full.name, to)).toEqual([]);
    const [blue, green] = balancer.targetGroups as [string, string];
    await traffic.attach(to.name, [green]);
    await traffic.detach(to.name, [blue]);
    expect((await groups.find(to.name))!.targetGroups).toEqual([green]);
    const [forwarding] = await traffic.forwardings([blue, green]);
    const weights = [
      { targetGroup: blue, weight: 0 },
      { targetGroup: green, weight: 100 },
    ];
    await traffic.setWeights(forwarding!, weights);
    expect((await traffic.forwardings([blue]))[0]!.weights).toEqual(weights);
    await copies.remove(to.name);
    expect(await groups.find(to.name)).toBeUndefined();
    expect(proxy.failed).toEqual(
      expect.arrayContaining([
        'CreateAutoScalingGroup',
        'AttachTrafficSources',
        'DetachTrafficSources',
        'ModifyListener',
        'PutMetricAlarm',
        'DeleteWarmPool',
        'DeleteAlarms',
        'DeleteAutoScalingGroup',
      ]),
    );
  }, 30_000);
});
