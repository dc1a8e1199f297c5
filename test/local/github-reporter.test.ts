import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { perform } from '../../src/api/perform.ts';
import { openGithub } from '../../src/github/client.ts';
import { jobReporters } from '../../src/report/github/job.ts';
import { openGithubReporter } from '../../src/report/github/open.ts';
import { githubReporter } from '../../src/report/github/reporter.ts';
import type { BakeError } from '../../src/run/errors.ts';
import type { RunEvent, RunEventBody } from '../../src/run/events.ts';
import { bake, execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { failure } from '../helpers/failure.ts';
import type { Repository } from '../helpers/github/repository.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';
import { testProject } from '../helpers/project.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let server: GithubServer;
let shop: Repository;
let warnings: string[];
let head: string;
/** What two rollouts say, from real ones in virtual time: release 2 goes well, release 3 does not take messages. */
let well: RunEvent[];
let badly: RunEvent[];

beforeAll(async () => {
  server = await startGithub();
  const world = await RolloutWorld.start();
  const sqs = { queue: 'jobs', message: 'job ${smoke.id}', logGroup: world.workers.logGroup, timeout: '30s' };
  const project = world.project({ rollout: { checkpoints: [33, 100] }, smoke: { sqs } });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  world.events.length = 0;
  await world.rollOut(project);
  well = [
    started('rollout'),
    ...world.events,
    finished({ headline: 'release 2 runs', changed: ['a | <b> `c_d`'], next: ['bake status'] }),
  ];
  await world.addRelease(project, '3');
  world.workers.behaviours.set('3', 'deaf');
  world.events.length = 0;
  const { message, hint, details } = (await failure(world.rollOut(project))) as BakeError;
  badly = [
    started('rollout'),
    ...world.events,
    finished({ ok: false, headline: 'bake rollout failed', error: { message, hint, details, exitCode: 1 } }),
  ];
  await world.close();
});
afterAll(() => server.close());
beforeEach(() => {
  server.problems.length = 0;
  server.requests.length = 0;
  shop = server.repository('acme/shop');
  head = shop.branches.get('main')!;
  warnings = [];
});
afterEach(() => vi.unstubAllEnvs());

const begin = { project: 'shop', environment: 'production', cloud: 'aws', region: 'eu-central-1' };
const event = (body: RunEventBody): RunEvent => ({ time: '2026-11-21T10:00:00.000Z', run: 'run-1', ...body });
const started = (command: string) => event({ type: 'run.started', command, ...begin });
const finished = (more: Partial<RunEventBody & { type: 'run.finished' }>) =>
  event({
    type: 'run.finished',
    ok: true,
    durationMs: 1_000,
    headline: 'done',
    changed: [],
    next: [],
    ...more,
  });

async function tell(events: RunEvent[], more: object = {}, command = 'rollout') {
  const reporter = githubReporter(
    openGithub({ token: server.token, repository: 'acme/shop', apiUrl: server.url }),
    {
      begin: { command, ...begin },
      ...{ run: 'run-1', origin: { by: 'ann', link: 'https://ci.example.com/1' }, head },
      ...{ environmentUrl: 'https://shop.example.com', deployments: true, statuses: true, giveUp() {} },
      warn: (warning: string) => void warnings.push(warning),
      ...more,
    },
  );
  for (const one of events) reporter.emit(one);
  await reporter.close();
}

test('a rollout is a deployment that is in progress, then a success; the one before it becomes inactive, in production too', async () => {
  await tell(well);
  await tell(well);
  expect([warnings, server.problems]).toEqual([[], []]);
  const [before, now] = shop.deployments;
  expect(now).toMatchObject({ sha: head, environment: 'production', production: true, creator: 'bake[bot]' });
  expect(now?.payload).toMatchObject({ run: 'run-1', release: '2', strategy: 'rolling', by: 'ann' });
  expect(now?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'success']);
  expect(now?.statuses[1]).toMatchObject({
    description: 'release 2 runs',
    log_url: 'https://ci.example.com/1',
    environment_url: 'https://shop.example.com',
  });
  expect(before?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'success', 'inactive']);
  const statuses = shop.statuses
    .slice(-2)
    .map(({ state, context, description }) => [state, context, description]);
  expect(statuses).toEqual([
    ['pending', 'bake/rollout (production)', 'by ann'],
    ['success', 'bake/rollout (production)', 'release 2 runs'],
  ]);
});

test('a rollout that goes back is a deployment that failed, with the reason; what ran before stays what is deployed', async () => {
  await tell(well);
  await tell(badly);
  expect([warnings, server.problems]).toEqual([[], []]);
  const [before, now] = shop.deployments;
  expect(before?.statuses.at(-1)?.state).toBe('success');
  expect(now?.statuses.map(({ state }) => state)).toEqual(['in_progress', 'failure']);
  const { description } = now!.statuses[1]!;
  expect(description).toMatch(/^release 3 \(version 3\) was rolled back: the smoke test at 33 %/);
  expect(description.length).toBe(140);
  expect(shop.statuses.at(-1)).toMatchObject({ sha: head, state: 'failure' });
});

test('a deployment is of the commit that the release was built from: that of the image, or of its deployment before', async () => {
  const older = head;
  head = shop.commit('main', { message: 'More', author: 'ada' });
  const bringing = (release: string, commit?: string) =>
    event({ type: 'fact', name: 'bringing', value: { release, imageId: 'ami-1', commit } });
  await tell([started('rollout'), bringing('1', `${older}-dirty`), finished({})]);
  await tell([started('rollout'), bringing('2'), finished({})]);
  await tell([started('cutover'), bringing('1'), finished({})], {}, 'cutover');
  expect(shop.deployments.map(({ sha }) => sha)).toEqual([older, head, older]);
  expect([warnings, server.problems]).toEqual([[], []]);
});

test('a run that brings nothing is no deployment; a refusal is one warning, and the run goes on', async () => {
  await tell([
    started('rollout'),
    finished({ ok: false, error: { message: 'no', details: [], exitCode: 2 } }),
  ]);
  expect(shop.deployments).toEqual([]);
  expect(shop.statuses.map(({ state }) => state)).toEqual(['pending', 'error']);
  server.tokens.set('ghs_little', { login: 'little', permissions: { statuses: 'write' } });
  const little = openGithub({ token: 'ghs_little', repository: 'acme/shop', apiUrl: server.url });
  const reporter = githubReporter(little, {
    ...{
      begin: { command: 'rollout', ...begin },
      run: 'r',
      origin: { by: 'ann' },
      head,
      environmentUrl: undefined,
    },
    ...{
      deployments: true,
      statuses: true,
      giveUp() {},
      warn: (warning: string) => void warnings.push(warning),
    },
  });
  for (const one of well) reporter.emit(one);
  await reporter.close();
  expect(warnings.length).toBeGreaterThan(0);
  expect(warnings[0]).toContain(
    'GitHub was not told: GitHub does not allow the token to POST /deployments of acme/shop',
  );
});

test('GitHub is told where there is a token and a repository, of what changes what runs, and as bake.yaml says', async () => {
  const project = testProject();
  const told = async (command: string) =>
    (await openGithubReporter(project, { command, ...begin }, 'r', () => {})) !== undefined;
  vi.stubEnv('GITHUB_TOKEN', '');
  vi.stubEnv('GITHUB_REPOSITORY', 'acme/shop');
  expect(await told('rollout')).toBe(false);
  vi.stubEnv('GITHUB_TOKEN', server.token);
  expect(await Promise.all(['rollout', 'cutover', 'rollback', 'build', 'status'].map(told))).toEqual([
    ...[true, true, true, true, false],
  ]);
  Object.assign(project.config.notify.github, { deployments: false, statuses: false });
  expect(await told('rollout')).toBe(false);
});

test('no token of bake reaches an event', async () => {
  const tokens = {
    GITHUB_TOKEN: 'ghp_1234',
    SLACK_BOT_TOKEN: 'xoxb-12',
    SLACK_APP_TOKEN: 'xapp-12',
    SLACK_SIGNING_SECRET: 'abcdef12',
    SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
  };
  for (const [name, value] of Object.entries(tokens)) vi.stubEnv(name, value);
  const said: RunEvent[] = [];
  const on = (event: RunEvent) => void said.push(event);
  await perform(
    testProject(),
    { on },
    {
      ...{ command: 'test', journal: false, cloud: false },
      async work({ run }) {
        run.note(Object.values(tokens).join(' '));
        run.fact('told', tokens);
        return { headline: `done with ${tokens.GITHUB_TOKEN}`, result: undefined };
      },
    },
  );
  expect(said.find(({ type }) => type === 'note')).toMatchObject({ message: '*** *** *** *** ***' });
  for (const value of Object.values(tokens)) expect(JSON.stringify(said)).not.toContain(value);
});

/** What a job's files and its log have at the end. */
async function inJob(events: RunEvent[]) {
  const directory = temporaryDirectory('job');
  vi.stubEnv('GITHUB_ACTIONS', 'true');
  vi.stubEnv('GITHUB_STEP_SUMMARY', join(directory, 'summary'));
  vi.stubEnv('GITHUB_OUTPUT', join(directory, 'output'));
  const log: string[] = [];
  const err = { write: (text: string) => log.push(text) } as unknown as NodeJS.WritableStream;
  const reporters = jobReporters('rollout', 'run-1', directory, err);
  for (const one of events) for (const reporter of reporters) reporter.emit(one);
  for (const reporter of reporters) await reporter.close();
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return { summary: read('summary'), output: read('output'), log: log.join('') };
}

test("a job's summary says what came of the rollout and its tests; its outputs are what the next steps need", async () => {
  const { summary, output, log } = await inJob(well);
  expect(summary).toMatch(/^### ✅ bake rollout shop, production\n\n\*\*release 2 runs\*\*/);
  expect(summary).toMatch(/\| Release \| 2 \|\n\| Image \| `ami-[0-9a-f]+` \|\n\| Strategy \| rolling \|/);
  expect(summary).toContain('| Launch template version | 1 → 2 |');
  expect(summary).toMatch(/\| ✅ \| sqs \| message .* was processed by i-[0-9a-f]+ \(release 2\)/);
  expect(summary).toContain('- a \\| &lt;b\\> `c_d`');
  expect(summary).toMatch(/\| ✅ \| Verifying what every instance runs \|/);
  expect(output).toMatch(
    /^outcome=succeeded\nrun=run-1\nstrategy=rolling\nrelease=2\nimage_id=ami-[0-9a-f]+\ngroup=workers\nversion=2\nprevious_version=1\n/,
  );
  expect(log).not.toContain('::error');
  const page = readFileSync(join(repository, 'docs/github.md'), 'utf8');
  for (const [, name] of output.matchAll(/^(\w+)=/gm)) expect(page).toContain(`\`${name}\``);
});

test('a rollout that went back says so: as an error of the job, in its summary and in its outputs', async () => {
  const { summary, output, log } = await inJob(badly);
  expect(summary).toMatch(/^### ❌ bake rollout shop, production/);
  expect(summary).toMatch(/\n> release 3 \(version 3\) was rolled back: the smoke test at 33 %/);
  expect(summary).toMatch(/\| ❌ \| sqs \| /);
  expect(summary).toContain('→ `bake status` shows what runs where.');
  expect(output).toMatch(/^outcome=rolled-back\n/);
  expect(output).toContain('release=3\n');
  const [error, ...others] = log.split('\n').filter((line) => line.startsWith('::error'));
  expect(others).toEqual([]);
  expect(error).toMatch(/^::error title=bake rollout::release 3 \(version 3\) was rolled back: .*%0A/);
});

test('what is wrong in bake.yaml is annotated at its lines, before anything is loaded; stdout stays what it is', async () => {
  const workspace = temporaryDirectory('annotations');
  const directory = join(workspace, 'deploy');
  mkdirSync(directory);
  writeFileSync(join(directory, 'bake.yaml'), 'project: shop\nfleet:\n  nme: workers\n  size: { min: 1 }\n');
  const files = { GITHUB_STEP_SUMMARY: join(workspace, 'summary'), GITHUB_OUTPUT: join(workspace, 'output') };
  const env = { NO_COLOR: '1', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace, ...files };
  const cli = join(repository, 'dist/cli.js');
  const run = (...args: string[]) => execute(process.execPath, [cli, '-C', directory, ...args], { env });
  const [rollout, validate, quiet] = await Promise.all([
    run('rollout', '--json'),
    run('validate'),
    bake(directory, 'validate'),
  ]);
  expect([rollout.code, validate.code]).toEqual([2, 2]);
  const annotated = /^::error title=bake rollout,file=deploy\/bake\.yaml,line=3,col=3::fleet.*nme/m;
  expect(rollout.stderr).toMatch(annotated);
  expect(validate.stderr).toMatch(/^::error title=bake,file=deploy\/bake\.yaml,line=3,col=3::/m);
  expect(quiet.stderr).not.toContain('::error');
  for (const line of rollout.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
  expect(readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8')).toMatch(
    /^### ❌ bake rollout\n\n.*could not go on/,
  );
  expect(readFileSync(files.GITHUB_OUTPUT, 'utf8')).toMatch(/^outcome=refused\n/);
});
