import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud } from '../../src/clouds/open.ts';
import { bake, type Ended, execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { addCopiedRelease, BASE } from '../helpers/copied-release.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';
import { mentionOf } from '../helpers/slack-events.ts';
import { type Said, type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';

const CONFIG = `project: testing
region: eu-central-1
image:
  base: { ssmParameter: ${BASE} }
  layers: [{ name: application, provisioners: [{ inline: 'true' }] }]
fleet:
  name: workers
  size: { min: 1, max: 4, desired: 2 }
  warmup: 1s
  healthCheck: { gracePeriod: 1s }
rollout: { maxHealthyPercentage: 200, checkpoints: [100], checkpointDelay: 1s }
notify: { local: true, slack: { channel: '#deploys' } }
environments:
  production: {}
`;
const FLAGS = ['-e', 'production', '--local'];

let directory: string;
let workspace: SlackWorkspace;
let github: GithubServer;
let bot: ChildProcess;
/** What the bot said on its standard output, a line each. */
const said: string[] = [];
let environment: Record<string, string>;

beforeAll(async () => {
  directory = temporaryDirectory('chat-cli');
  writeFileSync(join(directory, 'bake.yaml'), CONFIG);
  [workspace, github] = await Promise.all([startSlack(), startGithub()]);
  environment = {
    ...workspace.environment,
    ...{ GITHUB_TOKEN: github.token, GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'acme/shop' },
    // What a job of GitHub Actions, in which this test may run, would add.
    ...{ GITHUB_ACTIONS: '', GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '', NO_COLOR: '1' },
  };
  const started = await bake(directory, 'local', 'start', '--runtime', 'none', '--json');
  const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
  const credentials = { accessKeyId, secretAccessKey };
  const cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
  await addCopiedRelease(cloud, '1');
  expectOk(await told('fleet', 'apply'));
  expectOk(await told('rollout'));
  await addCopiedRelease(cloud, '2');
  cloud.close();
});
afterAll(async () => {
  bot?.kill('SIGKILL');
  await bake(directory, 'local', 'reset');
  await Promise.all([workspace?.close(), github?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

const expectOk = ({ code, stdout, stderr }: Ended) =>
  expect(`${code} ${code ? stdout + stderr : ''}`).toBe('0 ');
const cli = join(repository, 'dist/cli.js');
const told = (...words: string[]) =>
  execute(process.execPath, [cli, '-C', directory, ...FLAGS, ...words], { env: environment });
const shown = ({ text, blocks }: Said) => `${text} ${JSON.stringify(blocks)}`;
const saying = (words: string) => workspace.said((message) => shown(message).includes(words));

/** Starts the bot; resolves when Slack can reach it. */
async function startBot(): Promise<void> {
  const env = { ...process.env, ...environment };
  bot = spawn(process.execPath, [cli, '-C', directory, '--local', 'chat', '--port', '0'], { env });
  await new Promise<void>((resolve, reject) => {
    createInterface(bot.stdout!).on('line', (line) => {
      said.push(line);
      const [, address] = /takes commands by (http\S+)/.exec(line) ?? [];
      if (address === undefined) return;
      workspace.sendTo(address);
      resolve();
    });
    createInterface(bot.stderr!).on('line', (line) => said.push(line));
    bot.once('exit', () => reject(new Error(said.join('\n'))));
  });
}

it('a rollout is told in the channel by the command line itself, and no token of it is in its output', async () => {
  const ended = await told('rollout', '--json');
  expectOk(ended);
  const [begun] = workspace.messages.filter(({ text }) => text.includes('rollout of testing, production'));
  const message = workspace.messages.at(-2)!;
  expect(begun).toBeDefined();
  expect(message.text).toContain(
    ':white_check_mark: rollout of testing, production: release 2 runs on 2 instances',
  );
  expect(message.history[0]).toContain('begins');
  expect(workspace.messages.at(-1)).toMatchObject({ thread: message.ts, text: 'Steps' });
  expect(workspace.refused).toEqual([]);
  expect(ended.stdout + ended.stderr).not.toContain(workspace.tokens.bot);
});

it('nothing is taken that Slack has not signed, or signed too long ago', async () => {
  await startBot();
  const before = workspace.messages.length;
  const event = (text: string) => mentionOf('U0ANN', text, { channel: 'C0DEPLOYS' }, '1800000001.000100');
  const now = Math.floor(Date.now() / 1_000);
  expect(await workspace.deliver(event('rollback production'), { secret: 'somebody else' })).toBe(401);
  expect(await workspace.deliver(event('rollback production'), { at: now - 6 * 60 })).toBe(401);
  const tampered = JSON.stringify(event('rollback production').body);
  expect(await workspace.deliver(event('status production'), { text: tampered })).toBe(401);
  expect(await workspace.deliver(event('help'))).toBe(200);
  await saying('Environments: production');
  expect(workspace.messages).toHaveLength(before + 1);
});

it('says what runs where', async () => {
  await workspace.mention('U0ANN', 'status');
  const status = await workspace.said((message) => message.text.startsWith(':mag:'));
  expect(shown(status)).toMatch(
    /scaling group workers: 2 instances wanted.*INSTANCE.*last verified: release 2|last verified: release 2.*INSTANCE/,
  );
});

it('rolls back once it is confirmed; its message tells how it goes and its thread has the steps', async () => {
  await workspace.slash('U0ANN', 'rollback production');
  const question = await saying('<@U0ANN> asks to *roll back production*');
  expect(shown(question)).toContain('last verified: release 2');
  await workspace.press('U0BEN', question, 'bake.go');
  await saying('release 1 runs on all 2 instances of workers again');
  const steps = await workspace.said(({ thread, text }) => thread === question.ts && text === 'Steps');
  expect(shown(steps)).toContain('✓');
  expect(question.text).toContain(':white_check_mark: rollback of testing, production');
  expect(shown(question)).toContain('`bake smoke -e production --local`');
  const rollbacks = workspace.messages.filter(({ text }) => text.includes('rollback of testing'));
  expect(rollbacks).toEqual([question]);
  const status = await told('status', '--json');
  expect(status.stdout).toContain('"release":"1"');
});

it('opens the pull request of a release, and brings it up to date', async () => {
  const shop = github.repository('acme/shop');
  shop.push('deployment/production', shop.branches.get('main')!, 'ada');
  const merged = (title: string) =>
    shop.merge(shop.pull({ title, author: 'mia', head: title, messages: [title] }), 'leo');
  merged('Till');
  await workspace.mention('U0ANN', 'deploy production');
  const opened = await saying(':package: *#2 is open');
  expect(shown(opened)).toMatch(
    /:white_large_square: <[^|]*\|#1> Till \(mia\).*Merging #2> rolls out \*production\*/,
  );
  merged('Stock');
  await workspace.mention('U0ANN', 'deploy production');
  const updated = await saying('Stock (mia)');
  expect(shown(updated)).toMatch(/#2 .*2 changes/);
  expect(github.problems).toEqual([]);
});

it('ends in order when it is asked to', async () => {
  await workspace.mention('U0ANN', 'rollback production');
  await workspace.said((message) => (message.blocks ?? []).some(({ type }) => type === 'actions'));
  bot.kill('SIGTERM');
  const [code] = await once(bot, 'exit');
  await saying('the bot was stopped. Nothing was changed');
  expect(said.join('\n')).toContain('bake chat has ended; nothing is under way');
  expect(code).toBe(0);
  expect(said.join('\n')).not.toContain(workspace.tokens.bot);
});

it.each([
  [['chat'], { SLACK_BOT_TOKEN: '' }, 'SLACK_BOT_TOKEN is not set'],
  [['chat'], { SLACK_APP_TOKEN: '' }, 'SLACK_APP_TOKEN is not set'],
  [['chat', '--port', '3000'], { SLACK_SIGNING_SECRET: '' }, 'SLACK_SIGNING_SECRET is not set'],
])('%j without what it needs says so with exit code 2', async (words, without, message) => {
  const env = { ...environment, ...without };
  const { code, stderr } = await execute(process.execPath, [cli, '-C', directory, ...words], { env });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
