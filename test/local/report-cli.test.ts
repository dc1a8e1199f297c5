import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bake, temporaryDirectory } from '../helpers/cli.ts';

const directory = temporaryDirectory('report-cli');
const read = (...path: string[]) => readFileSync(join(directory, ...path), 'utf8');

beforeAll(async () => {
  writeFileSync(
    join(directory, 'bake.yaml'),
    `project: shop
image:
  base: { ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 }
  layers: [{ name: application, provisioners: [{ inline: 'true' }] }]
fleet: { name: shop, size: { min: 1, max: 1, desired: 1 } }
hooks:
  beforeBuild: [{ run: 'env | sort > told; echo "no licence"; exit 3' }]
`,
  );
  expect(await bake(directory, 'local', 'start', '--runtime', 'none')).toMatchObject({ code: 0 });
});
afterAll(() => bake(directory, 'local', 'reset'));

it('a run leaves a page that says how it ended and why, and names it last', async () => {
  const { code, stderr } = await bake(directory, 'rollout', '--local');
  expect(code).toBe(2);
  const [page] = readdirSync(join(directory, '.bake/runs')).filter((name) => name.endsWith('.html'));
  expect(stderr.trimEnd()).toMatch(new RegExp(`Report: .*\\.bake/runs/${page}$`));
  expect(read('.bake/runs', page!)).toContain('scaling group shop does not exist');
});

it('--report says where the page goes; a command that changes nothing leaves none unless it is asked to', async () => {
  await bake(directory, 'rollout', '--local', '--report', 'pages/rollout.html');
  expect(read('pages/rollout.html')).toContain('bake rollout shop on the local cloud');
  const before = readdirSync(join(directory, '.bake/runs')).length;
  await bake(directory, 'plan', 'rollout', '--local');
  expect(readdirSync(join(directory, '.bake/runs'))).toHaveLength(before);
});

it('a hook is told of the run, and that its cloud is the local one', async () => {
  const { code, stderr } = await bake(directory, 'build', '--local');
  expect(code).toBe(1);
  expect(stderr).toContain('ended with exit code 3\n  no licence');
  const told = read('told');
  expect(told).toMatch(/^BAKE_CLOUD=local$/m);
  expect(told).toMatch(/^BAKE_COMMAND=build$/m);
  expect(told).toMatch(/^BAKE_REGION=eu-central-1$/m);
  expect(told).toMatch(/^AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);
});

it('makes the page from the events that --json wrote, and says what is wrong where there are none', async () => {
  const { stdout } = await bake(directory, 'rollout', '--local', '--json');
  writeFileSync(join(directory, 'rollout.ndjson'), `a line of a CI log\n${stdout}`);
  const made = await bake(directory, 'report', 'rollout.ndjson');
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^run \d{8}-\d{6}-\w+: rollout\.html\n$/),
  });
  expect(read('rollout.html')).toContain('scaling group shop does not exist');
  expect(await bake(directory, 'report', 'bake.yaml')).toMatchObject({ code: 2 });
  expect(await bake(directory, 'report', 'not-there.ndjson')).toMatchObject({ code: 2 });
  expect(existsSync(join(directory, 'bake.yaml.html'))).toBe(false);
});
