import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { startCloud, type TestCloud } from '../helpers/cloud.ts';
import { keyUnder } from '../helpers/own-paths.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';

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

/** With nothing of this machine's own environment but the way to programs. */
async function doctor(env: Record<string, string>, ...args: string[]) {
  const program = [join(repository, 'dist/cli.js'), 'doctor', '-C', directory, ...args];
  const { PATH } = process.env;
  const clean = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return execute(process.execPath, program, {
    env: { ...clean, PATH, AWS_CONFIG_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });
}

const reach = (credentials = cloud.credentials, endpoint = cloud.endpoint) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

interface Told {
  ok: boolean;
  checks: { name: string; state: string; found: string; todo?: string; details?: string[] }[];
}
async function told(
  env: Record<string, string>,
): Promise<Told & { find(name: string): Told['checks'][0] | undefined }> {
  const { stdout, code } = await doctor(env, '--json');
  const all: Told = JSON.parse(stdout);
  expect(code).toBe(all.ok ? 0 : 1);
  return { ...all, find: (name) => all.checks.find((check) => check.name === name) };
}

describe('bake doctor', () => {
  test('is content where everything is, and shows no token', async () => {
    const env = { ...reach(), GITHUB_TOKEN: 'ghp_secret', SLACK_WEBHOOK_URL: 'https://hooks.example/secret' };
    const { stdout, stderr, code } = await doctor(env);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
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
      expect(stdout).toMatch(line);
    expect(stdout).not.toContain('secret');
  });

  test('without credentials says how to get some, and ends with 1', async () => {
    const { stdout, code } = await doctor({});
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✗ credentials +no AWS credentials found\n +→ Set AWS_PROFILE, or /m);
    expect(stdout).toMatch(
      /\n1 thing that is needed is missing \(marked ✗\); 1 thing \(marked !\) may be missed\n$/,
    );
  });

  test('names the action that the caller may not do, and the policy that grants it', async () => {
    const grant = { sid: 'LaunchBuildersThatAreTagged', action: 'ec2:RunInstances' };
    const key = await keyUnder(cloud, without(shippedPolicy('builder'), grant));
    const { find, ok } = await told(reach(key));
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
    const { find } = await told(reach(undefined, `http://127.0.0.1:${port}`));
    server.close();
    server.closeAllConnections();
    const clock = find('clock');
    expect(clock?.state).toBe(state);
    // The header counts whole seconds.
    expect(clock?.found.replace(/9 m 59 s|10 m \d s/, '10 m').replace(/59 s|1 m 1 s/, '1 m')).toBe(found);
  });

  test('tells what is wrong with bake.yaml, and looks at the rest all the same', async () => {
    writeFileSync(join(directory, 'broken.yaml'), BAKE.replace('fleet:', 'fleat:'));
    const { stdout, code } = await doctor(
      { ...reach(), AWS_REGION: 'eu-central-1' },
      '--file',
      'broken.yaml',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^ {2}✗ bake\.yaml +broken\.yaml:6:1: unknown key "fleat", did you mean "fleet"\?$/m,
    );
    expect(stdout).toMatch(/^ {2}✓ credentials/m);
  });

  test('with --local needs no account, only what runs instances', async () => {
    const { stdout } = await doctor({}, '--local');
    expect(stdout).toMatch(/^the local cloud\n {2}[✓✗] sandbox /m);
    expect(stdout).not.toContain('credentials');
  });
});
