import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { callAlibaba } from '../helpers/alicloud.ts';
import { bake, execute, repository, temporaryDirectory } from '../helpers/cli.ts';

const example = join(repository, 'examples/webhook-service');
/** Debian's packages are seen by Debian's own Python only. */
const PYTHON = '/usr/bin/python3';
const ready = (await execute(PYTHON, ['-c', 'import fastapi, uvicorn, venv'])).code === 0;
const missing = ready ? '' : ' (skipped: python3-fastapi, python3-uvicorn or python3-venv is not installed)';

it.each([undefined, 'staging', 'local'])(
  'the webhook service is well configured for environment %s',
  (environment) => {
    const { config } = loadProject({ directory: example, variables: {}, environment });
    expect(config.rollout.strategy).toBe('in-place');
    expect(config.inPlace).toMatchObject({ keep: 3, service: 'webhook.service', root: '/opt/webhook' });
  },
);

it.skipIf(!ready)(
  `the webhook service's own tests pass${missing}`,
  async () => {
    const { code, stderr } = await execute(
      PYTHON,
      ['-m', 'unittest', 'discover', '-b', '-s', 'tests', '-t', '.'],
      { cwd: join(example, 'service'), env: { PYTHONDONTWRITEBYTECODE: '1' } },
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/Ran 10 tests/);
  },
  60_000,
);

const support = await sandboxSupport(tmpdir());
const possible = support.ok && ready;
const why = support.ok ? missing : ` (skipped: ${support.sentence})`;

describe.skipIf(!possible).sequential(`the webhook service, rehearsed${why}`, () => {
  let directory: string;
  let address: string;
  const server: Record<string, string> = {};

  beforeAll(async () => {
    directory = temporaryDirectory('webhook');
    cpSync(example, directory, { recursive: true });
    const started = await bake(directory, 'local', 'start', '--json');
    expect(started.code, started.stderr).toBe(0);
    const { endpoint, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
    const ecs = (action: string, parameters: Record<string, unknown>) =>
      callAlibaba({ endpoint, credentials: { accessKeyId, secretAccessKey } }, 'ecs', action, {
        RegionId: 'eu-central-1',
        ...parameters,
      });
    const { PrivateKeyBody } = await ecs('CreateKeyPair', { KeyPairName: 'deploy' });
    mkdirSync(join(directory, '.bake'), { recursive: true });
    writeFileSync(join(directory, '.bake/key.pem'), PrivateKeyBody as string, { mode: 0o600 });
    const userData = readFileSync(join(example, 'userdata/server.sh')).toString('base64');
    const made = await ecs('RunInstances', {
      ImageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
      InstanceType: 'ecs.c7.large',
      KeyPairName: 'deploy',
      UserData: userData,
    });
    const [id] = (made.InstanceIdSets as { InstanceIdSet: string[] }).InstanceIdSet;
    let console_ = '';
    await vi.waitUntil(
      async () => {
        const said = await ecs('GetInstanceConsoleOutput', { InstanceId: id }).catch(() => ({}));
        const text = (said as { ConsoleOutput?: string }).ConsoleOutput ?? '';
        console_ = Buffer.from(text, 'base64').toString('utf8');
        return console_.includes('this server is ready for releases');
      },
      { timeout: 30_000, interval: 200 },
    );
    const found = await ecs('DescribeInstances', { InstanceIds: JSON.stringify([id]) });
    const [instance] = (
      found.Instances as {
        Instance: { VpcAttributes: { PrivateIpAddress: { IpAddress: string[] } } }[];
      }
    ).Instance;
    address = instance!.VpcAttributes.PrivateIpAddress.IpAddress[0]!;
    server.WEBHOOK_HOST = address;
    server.WEBHOOK_HOST_KEY = /^ssh-ed25519 \S+/m.exec(console_)![0];
    Object.assign(process.env, server);
  }, 60_000);
  afterAll(async () => {
    for (const name of Object.keys(server)) delete process.env[name];
    await bake(directory, 'local', 'reset');
    rmSync(directory, { recursive: true, force: true });
  });

  const rollOut = (release: string) => bake(directory, 'rollout', '-e', 'local', '--release', release);

  it('gets its first release over SSH with the host key that is known, and answers with it', async () => {
    const { code, stdout, stderr } = await rollOut('1');
    expect(code, stdout + stderr).toBe(0);
    expect(await health(address)).toMatchObject({ status: 'well', release: '1' });
  }, 60_000);

  it('is switched back from a release that does not answer, and answers again', async () => {
    const file = join(directory, 'service/webhook/settings.py');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('if not secret:', 'if secret:'));
    const { code, stdout, stderr } = await rollOut('2');
    expect(code, stdout + stderr).toBe(1);
    expect(stdout + stderr).toContain('switched back');
    expect(await health(address)).toMatchObject({ status: 'well', release: '1' });
    writeFileSync(file, `${text}\n# well again\n`);
    expect((await rollOut('3')).code).toBe(0);
    expect(await health(address)).toMatchObject({ release: '3' });
  }, 60_000);
});

/** What the service says of itself. */
function health(host: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get({ host, port: 8000, path: '/health', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.once('end', () => resolve(JSON.parse(body)));
    }).once('error', reject);
  });
}
