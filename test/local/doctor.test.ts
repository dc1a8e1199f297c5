import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../helpers/cli.ts';
import { startCloud, type TestCloud } from '../helpers/cloud.ts';
import { keyUnder } from '../helpers/own-paths.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';
import { startSshServer } from '../helpers/ssh-server.ts';
import { reaching, saying } from '../helpers/words.ts';

const { utils } = ssh2;

const BAKE = `project: shop
region: eu-central-1
image:
  base: { ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 }
  layers: [{ name: application, provisioners: [{ inline: "true" }] }]
fleet:
  name: shop-workers
  size: { min: 1, max: 4, desired: 3 }
`;

let cloud: TestCloud;
const directory = temporaryDirectory('doctor');
beforeAll(async () => {
  cloud = await startCloud();
  writeFileSync(join(directory, 'bake.yaml'), BAKE);
});
afterAll(() => cloud.close());

const doctor = (env: Record<string, string | undefined>, ...args: string[]) =>
  saying(directory, env, 'doctor', ...args);

interface Told {
  ok: boolean;
  checks: { name: string; state: string; found: string; todo?: string; details?: string[] }[];
}
async function told(
  env: Record<string, string | undefined>,
): Promise<Told & { find(name: string): Told['checks'][0] | undefined }> {
  const { out, code } = await doctor(env, '--json');
  const all: Told = JSON.parse(out);
  expect(code).toBe(all.ok ? 0 : 1);
  return { ...all, find: (name) => all.checks.find((check) => check.name === name) };
}

describe('bake doctor', () => {
  test('is content where everything is, and shows no token', async () => {
    const env = {
      ...reaching(cloud),
      GITHUB_TOKEN: 'ghp_secret',
      SLACK_WEBHOOK_URL: 'https://hooks.example/secret',
    };
    const { out, err, code } = await doctor(env);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    for (const line of [
      /^ {2}✓ node +\d+\.\d+\.\d+$/m,
      /^ {2}✓ bake\.yaml +\S+bake\.yaml: project shop$/m,
      /^ {2}✓ region +eu-central-1$/m,
      /^ {2}✓ credentials +arn:aws:iam::000000000000:root \(account 000000000000\)$/m,
      /^ {2}✓ clock +agrees with the cloud's$/m,
      /^ {2}✓ base image +ami-\w+ \(.+\)$/m,
      /^ {2}✓ may build +ec2:RunInstances; 5 more cannot be asked without doing them; all are in policies\/iam\/builder\.json$/m,
      /^ {2}! fleet +scaling group shop-workers does not exist.*\n +→ .*bake fleet apply/m,
      /^ {2}✓ GITHUB_TOKEN +is set$/m,
      /^ {2}✓ SLACK_WEBHOOK_URL +is set$/m,
      /\n\neverything that is needed is there; 1 thing \(marked !\) may be missed\n$/,
    ])
      expect(out).toMatch(line);
    expect(out).not.toContain('secret');
  });

  test('without credentials says how to get some, and ends with 1', async () => {
    const { out, code } = await doctor({});
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}✗ credentials +no AWS credentials found\n +→ Set AWS_PROFILE, or /m);
    expect(out).toMatch(
      /\n1 thing that is needed is missing \(marked ✗\); 1 thing \(marked !\) may be missed\n$/,
    );
  });

  test('names the action that the caller may not do, and the policy that grants it', async () => {
    const grant = { sid: 'LaunchBuildersThatAreTagged', action: 'ec2:RunInstances' };
    const key = await keyUnder(cloud, without(shippedPolicy('builder'), grant));
    const { find, ok } = await told(reaching(cloud, key));
    expect(ok).toBe(false);
    expect(find('base image')).toMatchObject({ state: 'ok' });
    expect(find('may build')).toMatchObject({
      state: 'missing',
      found: 'not allowed: ec2:RunInstances',
      todo: "Allow it in the caller's policy: policies/iam/builder.json grants it.",
      details: [expect.stringMatching(/ is not allowed ec2:RunInstances on arn:aws:ec2:/)],
    });
    // Not there yet is no lack.
    expect(find('fleet')).toMatchObject({ state: 'open', todo: 'Create it first: `bake fleet apply`.' });
  });

  test.each([
    [10 * 60_000, 'missing', "10 m behind the cloud's: signed requests are refused"],
    [-60_000, 'open', "1 m ahead of the cloud's: times in logs mislead"],
  ])('sees that the clock is off by %i ms', async (off, state, found) => {
    const answer = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><Account>1</Account>
      </GetCallerIdentityResult></GetCallerIdentityResponse>`;
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('date', new Date(Date.now() + off).toUTCString());
      response.setHeader('content-type', 'text/xml');
      response.end(answer);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { find } = await told({ ...reaching(cloud), AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    server.close();
    server.closeAllConnections();
    const clock = find('clock');
    expect(clock?.state).toBe(state);
    // The header counts whole seconds.
    expect(clock?.found.replace(/9 m 59 s|10 m \d s/, '10 m').replace(/59 s|1 m 1 s/, '1 m')).toBe(found);
  });

  test('tells what is wrong with bake.yaml, and looks at the rest all the same', async () => {
    writeFileSync(join(directory, 'broken.yaml'), BAKE.replace('fleet:', 'fleat:'));
    const { out, code } = await doctor(reaching(cloud), '--file', 'broken.yaml');
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}✗ bake\.yaml +broken\.yaml:6:1: unknown key "fleat", did you mean "fleet"\?$/m);
    expect(out).toMatch(/^ {2}✓ credentials/m);
  });

  test('logs in to servers that stay, which need no account', async () => {
    const host = utils.generateKeyPairSync('ed25519');
    const server = await startSshServer(host.private);
    const { private: key } = utils.generateKeyPairSync('ed25519');
    writeFileSync(join(directory, 'key'), key, { mode: 0o600 });
    writeFileSync(
      join(directory, 'servers.yaml'),
      `project: shop
inPlace:
  hosts:
    - { name: web-1, address: 127.0.0.1, port: ${server.port}, hostKey: ${host.public} }
    - { name: web-2, address: 127.0.0.1, port: ${server.port}, hostKey: ${utils.generateKeyPairSync('ed25519').public} }
  privateKey: key
  source: .
  root: /srv/shop
  service: shop
`,
    );
    const { out, code } = await doctor({}, '--file', 'servers.yaml');
    server.close();
    expect(code).toBe(1);
    expect(out).not.toContain('the cloud\n  ✓ region');
    expect(out).toMatch(
      /^the servers\n {2}✓ ssh key +key\n {2}✓ web-1 +lets deploy in\n {2}✗ web-2 +web-2 \(127/m,
    );
  });

  test('with --local needs no account, only what runs instances', async () => {
    const { out } = await doctor({}, '--local');
    expect(out).toMatch(/^the local cloud\n {2}[✓✗] sandbox /m);
    expect(out).not.toContain('credentials');
  });
});
