import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Cloud, LaunchSettings, RefreshPreferences } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** Stands between bake and the cloud, and cuts the connection instead of handing on the answer to an operation, once. */
let proxy: Server;
let loseNext: string | undefined;
let adapter: AdapterTest;
let cloud: Cloud;

beforeAll(async () => {
  adapter = await startAdapter();
  proxy = createServer(async (request, response) => {
    const body = await buffer(request);
    const { method, headers, url } = request;
    const forwarded = httpRequest(`${adapter.local.endpoint}${url}`, { method, headers });
    forwarded.end(body);
    const [answer] = await once(forwarded, 'response');
    const content = await buffer(answer);
    if (loseNext && `${body} ${headers['x-amz-target']}`.includes(loseNext)) {
      loseNext = undefined;
      request.socket.destroy();
    } else response.writeHead(answer.statusCode, answer.headers).end(content);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { credentials, region } = adapter.local;
  cloud = await openCloud({ kind: 'aws', endpoint, credentials, region, local: true, clock: adapter.clock });
});
afterAll(async () => {
  cloud.close();
  proxy.close();
  proxy.closeAllConnections();
  await adapter.close();
});
afterEach(() => {
  expect(loseNext).toBeUndefined();
});

const baseImage = async () => (await cloud.images.resolve({ ssmParameter: BASE }))!;

async function launch(run: string): Promise<string> {
  const launched = await cloud.instances.launch({
    token: run,
    imageId: (await baseImage()).id,
    instanceType: 't3.micro',
    rootVolume: { type: 'gp3', encrypted: true },
    userData: '',
    tags: { 'bake:run': run },
    terminateOnShutdown: true,
  });
  if ('noCapacity' in launched) throw new Error(launched.noCapacity);
  return launched.instanceId;
}

test('a launch whose answer was lost makes one instance', async () => {
  loseNext = 'Action=RunInstances';
  const id = await launch('lost');
  expect((await cloud.instances.findByTags({ 'bake:run': 'lost' })).map((found) => found.id)).toEqual([id]);
});

test('an image whose answer was lost is found by its name', async () => {
  const instanceId = await launch('imaged');
  await cloud.instances.stop(instanceId);
  await adapter.until('stop', async () => (await cloud.instances.find([instanceId]))[0]?.state === 'stopped');
  const tags = { 'bake:run': 'imaged' };
  loseNext = 'Action=CreateImage';
  const id = await cloud.images.createFromInstance({ instanceId, name: 'imaged', description: '', tags });
  expect((await cloud.images.findByTags(tags)).map((image) => image.id)).toEqual([id]);
});

test('template, version, group and refresh are made once though every first answer was lost', async () => {
  const settings: LaunchSettings = {
    imageId: (await baseImage()).id,
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  loseNext = 'Action=CreateLaunchTemplate';
  const create = { token: 't1', name: 'lost', description: '', settings, tags: {} };
  const { id } = await cloud.templates.create(create);
  loseNext = 'Action=CreateLaunchTemplateVersion';
  const next = { token: 't2', templateId: id, source: 1, description: '', settings: { userData: 'x' } };
  expect(await cloud.templates.createVersion(next)).toBe(2);
  expect(await cloud.templates.versions(id)).toHaveLength(2);
  loseNext = 'Action=CreateAutoScalingGroup';
  await cloud.groups.create({
    name: 'lost',
    min: 1,
    max: 2,
    desired: 1,
    template: { id, version: 1 },
    subnets: [],
    zones: await cloud.groups.zones(),
    healthCheckType: 'EC2',
    healthCheckGrace: 0,
    defaultWarmup: 0,
    metricsEnabled: true,
    tags: { 'bake:project': 'demo' },
  });
  expect(await cloud.groups.find('lost')).toMatchObject({ desired: 1, metricsEnabled: true });
  loseNext = 'Action=StartInstanceRefresh';
  const preferences: RefreshPreferences = {
    minHealthyPercentage: 100,
    maxHealthyPercentage: 200,
    checkpoints: [],
    skipMatching: true,
    autoRollback: true,
    alarms: [],
    soak: 0,
    scaleInProtected: 'wait',
    standby: 'wait',
  };
  const refresh = await cloud.refreshes.start('lost', { templateId: id, version: 2, preferences });
  expect((await cloud.refreshes.list('lost')).map((found) => found.id)).toEqual([refresh]);
});

test('a queue whose answer was lost is found', async () => {
  loseNext = 'AmazonSQS.CreateQueue';
  const url = await cloud.queues.create({ name: 'lost', visibilityTimeout: 30_000, tags: {} });
  expect(await cloud.queues.find('lost')).toMatchObject({ url });
});
