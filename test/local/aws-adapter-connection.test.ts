import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCloud } from '../../src/clouds/open.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

/** An environment in which the SDK finds nothing of this machine's. */
async function bareEnvironment(config = ''): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bake-aws-'));
  await writeFile(join(directory, 'config'), config);
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_')))
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(directory, 'none'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let adapter: AdapterTest;
beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('opening AWS', () => {
  test('the caller is named by account and principal, and how far the clocks are apart is known', async () => {
    const { clockAhead, ...caller } = await adapter.cloud.identity();
    expect(caller).toEqual({ account: '000000000000', principal: 'arn:aws:iam::000000000000:root' });
    // The answer tells whole seconds.
    expect(Math.abs(clockAhead ?? Number.NaN)).toBeLessThan(30_000);
    expect(adapter.cloud).toMatchObject({ kind: 'aws', region: 'eu-central-1', local: true });
  });

  test('without a region it ends with exit code 2 and names the three places to set one', async () => {
    await bareEnvironment();
    await expect(openCloud({ kind: 'aws' })).rejects.toMatchObject({
      message: 'no AWS region is set',
      exitCode: 2,
      hint: expect.stringMatching(/AWS_REGION.*bake\.yaml.*profile/),
    });
  });

  test('the region comes from the environment under both of its names, or from the profile', async () => {
    await bareEnvironment('[default]\nregion = eu-west-1\n');
    expect((await openCloud({ kind: 'aws' })).region).toBe('eu-west-1');
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-2');
    expect((await openCloud({ kind: 'aws' })).region).toBe('eu-west-2');
    vi.stubEnv('AWS_REGION', 'eu-west-3');
    expect((await openCloud({ kind: 'aws' })).region).toBe('eu-west-3');
  });

  test('without credentials the first call says how to give some', async () => {
    await bareEnvironment();
    const cloud = await openCloud({ kind: 'aws', region: 'eu-central-1', endpoint: adapter.local.endpoint });
    await expect(cloud.identity()).rejects.toMatchObject({
      message: 'no AWS credentials found',
      exitCode: 2,
    });
    cloud.close();
  });

  test('a credential process of the profile is run once for all services', async () => {
    const { endpoint, region, credentials } = adapter.local;
    const directory = await mkdtemp(join(tmpdir(), 'bake-aws-'));
    const answer = {
      Version: 1,
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
    };
    const script = `echo run >> ${directory}/runs; echo '${JSON.stringify(answer)}'`;
    await writeFile(join(directory, 'process.sh'), script);
    await bareEnvironment(`[default]\ncredential_process = sh ${directory}/process.sh\n`);
    const cloud = await openCloud({ kind: 'aws', endpoint, region });
    await cloud.identity();
    await Promise.all([cloud.queues.find('q'), cloud.queues.find('r')]);
    expect(await readFile(join(directory, 'runs'), 'utf8')).toBe('run\n');
    cloud.close();
  });

  test('a wrong secret is refused in every service, in words that say so', async () => {
    const { endpoint, region } = adapter.local;
    const credentials = { ...adapter.local.credentials, secretAccessKey: 'wrong' };
    const cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
    const refused = expect.objectContaining({
      message: expect.stringMatching(/^the local cloud does not accept these credentials/),
      hint: expect.stringContaining('bake local env'),
    });
    await expect(cloud.identity()).rejects.toEqual(refused);
    await expect(cloud.queues.find('q')).rejects.toEqual(refused);
    await expect(cloud.images.find(['ami-12345678'])).rejects.toEqual(refused);
    cloud.close();
  });

  test('a local cloud that is not running is said at once, with the command that starts it', async () => {
    const server = createServer();
    const endpoint = await listening(server);
    await new Promise((closed) => server.close(closed));
    const cloud = await openCloud({ ...adapter.local, kind: 'aws', endpoint, local: true });
    await expect(cloud.identity()).rejects.toMatchObject({
      message: `the local cloud does not answer at ${endpoint} (ECONNREFUSED)`,
      hint: 'Start it: bake local start',
    });
    cloud.close();
  });

  test('a service that fails for a moment is asked again', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      if (asked < 3) response.writeHead(503).end();
      else {
        response.writeHead(200, { 'content-type': 'text/xml' });
        response.end(
          '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account><Arn>a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
        );
      }
    });
    const endpoint = await listening(server);
    const { credentials, region } = adapter.local;
    const cloud = await openCloud({ kind: 'aws', endpoint, credentials, region });
    expect(await cloud.identity()).toMatchObject({ account: '1', principal: 'a' });
    expect(asked).toBe(3);
    cloud.close();
    server.close();
  });
});
