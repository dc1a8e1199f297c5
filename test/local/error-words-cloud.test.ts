import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessKeys } from '../../src/localcloud/engine/credentials.ts';
import { repository, temporaryDirectory } from '../helpers/cli.ts';
import { startCloud, type TestCloud } from '../helpers/cloud.ts';
import { keyUnder } from '../helpers/own-paths.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { bareEnvironment, reaching, saying, withoutTimes } from '../helpers/words.ts';

// What goes wrong between bake and a cloud, word for word, through the program as it is installed.

const BAKE = `project: testing
image:
  base: { ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 }
  layers: [{ name: application, provisioners: [{ inline: "true" }] }]
fleet:
  name: workers
  size: { min: 1, max: 6, desired: 3 }
`;

let cloud: TestCloud;
const directory = temporaryDirectory('words');
beforeAll(async () => {
  cloud = await startCloud();
  writeFileSync(join(directory, 'bake.yaml'), BAKE);
  writeFileSync(
    join(directory, 'unknown.yaml'),
    BAKE.replace(/base: .*/, 'base: { id: ami-0123456789abcdef0 }'),
  );
});
afterAll(() => cloud.close());

/** The end of what a command says on stderr, and its exit code. */
async function told(environment: Record<string, string | undefined>, ...args: string[]) {
  const { code, err } = await saying(directory, environment, ...args);
  expect(err).not.toContain('    at ');
  return { code, err: err.replace(/\nReport: .*\n/, '') };
}

test('a group that does not exist', async () => {
  expect(await told(reaching(cloud), 'rollout')).toEqual({
    code: 2,
    err: `
✗ bake rollout could not go on after TIME
  scaling group workers does not exist in eu-central-1
  → Create it first: \`bake fleet apply\`.
`,
  });
});

test('a base image that does not exist', async () => {
  expect(await told(reaching(cloud), 'build', '--file', 'unknown.yaml')).toEqual({
    code: 2,
    err: `
✗ bake build could not go on after TIME
  base image ami-0123456789abcdef0 does not exist in eu-central-1, or this account may not see it
  → Name another in image.base (\`bake explain image.base --file unknown.yaml\` shows how); image ids differ by region.
`,
  });
});

test('a token that has expired', async () => {
  const key = accessKeys(cloud.engine).put('ASIALOCALEXPIRED', {
    accessKeyId: 'ASIALOCALEXPIRED',
    secretAccessKey: 'x'.repeat(40),
    sessionToken: 'token',
    expiresAt: 1,
    arn: 'arn:aws:sts::000000000000:assumed-role/deployer/me',
  });
  expect(await told(reaching(cloud, key), 'status')).toEqual({
    code: 1,
    err: `
✗ bake status failed after TIME
  the AWS credentials have expired
  → Get new ones ("aws sso login", or assume the role again) and run the same command again: it finds what exists already.
`,
  });
});

describe('a permission that is missing: which action, on what, and which policy file grants it', () => {
  test('to build', async () => {
    const grant = { sid: 'LaunchBuildersThatAreTagged', action: 'ec2:RunInstances' };
    const key = await keyUnder(cloud, without(shippedPolicy('builder'), grant));
    expect(await told(reaching(cloud, key), 'build')).toEqual({
      code: 1,
      err: `
✗ bake build failed after TIME
  arn:aws:iam::000000000000:user/bake is not allowed ec2:RunInstances on arn:aws:ec2:eu-central-1:000000000000:instance/*
  → Allow it in the caller's policy: policies/iam/builder.json and policies/iam/deployer.json grant it.
`,
    });
  });

  test('to roll out', async () => {
    const grant = { sid: 'Look', action: 'autoscaling:DescribeInstanceRefreshes' };
    const key = await keyUnder(world.local, without(shippedPolicy('deployer'), grant));
    expect(await told(reaching(world.local, key), 'rollout')).toEqual({
      code: 1,
      err: `
✗ bake rollout failed after TIME
  arn:aws:iam::000000000000:user/bake is not allowed autoscaling:DescribeInstanceRefreshes on *
  → Allow it in the caller's policy: policies/iam/deployer.json grants it.
`,
    });
  });
});

let world: RolloutWorld;
beforeAll(async () => {
  world = await RolloutWorld.start();
  await world.addRelease(world.project(), '1');
  await world.apply(world.project());
});
afterAll(() => world.close());

describe('an image that does not exist', () => {
  test.each([
    ['--image', 'ami-0123456789abcdef0', 'image ami-0123456789abcdef0'],
    ['--release', 'v9', 'release v9'],
  ])('%s %s', async (flag, value, what) => {
    expect(await told(reaching(world.local), 'rollout', flag, value)).toEqual({
      code: 2,
      err: `\n✗ bake rollout could not go on after TIME\n  project testing has no ${what} in eu-central-1\n  → There is: 1.\n`,
    });
  });
});

test('user data that is too long with its values', async () => {
  const long = `  userData: boot.sh\n  variables: { long: ${'x'.repeat(16_384)} }\n`;
  writeFileSync(join(directory, 'long.yaml'), BAKE + long);
  writeFileSync(join(directory, 'boot.sh'), 'echo ${vars.long}\n');
  expect(await told(reaching(world.local), 'rollout', '--file', 'long.yaml')).toEqual({
    code: 2,
    err: `
✗ bake rollout could not go on after TIME
  user data boot.sh is 16390 bytes long with its values; the cloud takes at most 16384
  → Bake what is long into the image and keep only settings in the user data.
`,
  });
});

test('an interruption ends with 130, and says what becomes of what was made', async () => {
  const program = spawn(process.execPath, [join(repository, 'dist/cli.js'), 'build'], {
    cwd: directory,
    env: { ...bareEnvironment(), ...reaching(cloud) } as NodeJS.ProcessEnv,
  });
  const ended = once(program, 'exit');
  const said = text(program.stderr);
  let out = '';
  program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    // Once: the second time is for leaving at once.
    if (!program.killed && /✓ Launch the builder/.test(out)) program.kill('SIGINT');
  });
  expect(await ended).toEqual([130, null]);
  expect(withoutTimes(out, directory)).toContain(
    'interrupted: removing what this run made (once more to leave at once)',
  );
  expect(withoutTimes(await said, directory)).toBe(`
✗ bake build was interrupted after TIME
  interrupted

Report: .bake/runs/RUN.html
`);
});
