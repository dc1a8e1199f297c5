import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import type { MetadataHost } from '../../../src/localcloud/engine/engine.ts';
import { createMetadataHost } from '../../../src/localcloud/metadata/host.ts';
import { type Ec2, ec2, launch } from '../../helpers/ec2.ts';

let cloud: Ec2;
let host: MetadataHost;
let id: string;
let url: string;

beforeEach(async () => {
  cloud = ec2();
  id = await launch(cloud);
  host = createMetadataHost(cloud.engine);
  url = await host.open(id, '127.8.8.8');
});
afterEach(() => host.close(id));

const tokenHeader = 'x-aws-ec2-metadata-token';
const askToken = (seconds: string | undefined, headers: Record<string, string> = {}) =>
  fetch(`${url}/latest/api/token`, {
    method: 'PUT',
    headers: { ...(seconds && { 'x-aws-ec2-metadata-token-ttl-seconds': seconds }), ...headers },
  });
const get = async (path: string, token?: string) => {
  const held = token ?? (await (await askToken('60')).text());
  return fetch(`${url}${path}`, { headers: { [tokenHeader]: held } });
};
const text = async (path: string) => (await get(path)).text();
const patch = (fields: object) => instances(cloud.engine).patch(id, fields);

describe('the metadata service', () => {
  test('gives nothing without a token, or with a false or old one', async () => {
    expect((await fetch(`${url}/latest/meta-data/instance-id`)).status).toBe(401);
    expect((await get('/latest/meta-data/instance-id', 'nonsense')).status).toBe(401);
    const token = await (await askToken('10')).text();
    expect((await get('/latest/meta-data/instance-id', token)).status).toBe(200);
    cloud.clock.advance(10_000);
    expect((await get('/latest/meta-data/instance-id', token)).status).toBe(401);
  });

  test('answers version 1 requests only where tokens are optional', async () => {
    const { metadataOptions } = instances(cloud.engine).get(id) ?? {};
    patch({ metadataOptions: { ...metadataOptions, httpTokens: 'optional' } });
    expect(await (await fetch(`${url}/latest/meta-data/instance-id`)).text()).toBe(id);
  });

  test('makes tokens for 1 second to 6 hours, and none through a proxy', async () => {
    expect((await askToken(undefined)).status).toBe(400);
    expect((await askToken('0')).status).toBe(400);
    expect((await askToken('21601')).status).toBe(400);
    expect((await askToken('60', { 'x-forwarded-for': '10.0.0.1' })).status).toBe(403);
    const given = await askToken('21600');
    expect(given.headers.get('x-aws-ec2-metadata-token-ttl-seconds')).toBe('21600');
    expect((await fetch(`${url}/latest/api/token`)).status).toBe(405);
  });

  test('names the instance, its place and its directories', async () => {
    const instance = instances(cloud.engine).get(id);
    expect(await text('/latest/meta-data/instance-id')).toBe(id);
    expect(await text('/2021-03-23/meta-data/ami-id')).toBe(instance?.imageId);
    expect(await text('/latest/meta-data/local-ipv4')).toBe(instance?.address);
    expect(await text('/latest/meta-data/placement/')).toBe('availability-zone\nregion');
    expect(await text('/latest/meta-data/placement/region')).toBe('eu-central-1');
    expect((await text('/latest/meta-data/')).split('\n')).toEqual(
      expect.arrayContaining(['ami-id', 'instance-type', 'mac', 'placement/']),
    );
    expect((await get('/latest/meta-data/spot/instance-action')).status).toBe(404);
    expect((await get('/latest/meta-data/constructor')).status).toBe(404);
    expect((await get('/latest/meta-data/%')).status).toBe(400);
    expect(JSON.parse(await text('/latest/dynamic/instance-identity/document'))).toMatchObject({
      accountId: '000000000000',
      instanceId: id,
      region: 'eu-central-1',
    });
  });

  test('gives credentials only to an instance with a profile', async () => {
    expect((await get('/latest/meta-data/iam/security-credentials/')).status).toBe(404);
    patch({ profile: 'arn:aws:iam::000000000000:instance-profile/worker' });
    expect(await text('/latest/meta-data/iam/security-credentials/')).toBe('worker');
    const first = JSON.parse(await text('/latest/meta-data/iam/security-credentials/worker'));
    expect(first).toMatchObject({ Code: 'Success', Type: 'AWS-HMAC' });
    expect(Date.parse(first.Expiration)).toBeGreaterThan(cloud.clock.now());
    cloud.clock.advance(6 * 3_600_000 - 60_000);
    const second = JSON.parse(await text('/latest/meta-data/iam/security-credentials/worker'));
    expect(second.AccessKeyId).not.toBe(first.AccessKeyId);
    expect((await get('/latest/meta-data/iam/security-credentials/other')).status).toBe(404);
  });

  test('shows tags only when told so', async () => {
    patch({ tags: { Name: 'one', 'bake:release': 'r1' } });
    expect((await get('/latest/meta-data/tags/instance/')).status).toBe(404);
    const { metadataOptions } = instances(cloud.engine).get(id) ?? {};
    patch({ metadataOptions: { ...metadataOptions, instanceMetadataTags: 'enabled' } });
    expect(await text('/latest/meta-data/tags/instance/')).toBe('Name\nbake:release');
    expect(await text('/latest/meta-data/tags/instance/bake:release')).toBe('r1');
  });

  test('gives user data as it was, and 404 where there is none', async () => {
    expect((await get('/latest/user-data')).status).toBe(404);
    patch({ userData: Buffer.from('#!/bin/sh\necho ü\n').toString('base64') });
    expect(await text('/latest/user-data')).toBe('#!/bin/sh\necho ü\n');
  });

  test('is found at the same address by tokens of before, after a restart of the daemon', async () => {
    const token = await (await askToken('60')).text();
    const again = createMetadataHost(cloud.engine);
    // The old process is gone with its listeners; its records are in the store.
    const records = cloud.engine.store.table('metadataHosts');
    const kept = records.get(id);
    await host.close(id);
    records.put(id, kept);
    expect(await again.open(id, '127.8.8.8')).toBe(url);
    expect((await get('/latest/meta-data/instance-id', token)).status).toBe(200);
    await again.close(id);
    await expect(fetch(`${url}/latest/`)).rejects.toThrow();
  });
});
