import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { bake, type Ended, execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { addCopiedRelease, BASE } from '../helpers/copied-release.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';
import { installed } from '../helpers/installed.ts';
import { bakeOnTerminal } from '../helpers/terminal.ts';

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
rollout:
  maxHealthyPercentage: 200
  checkpoints: [50, 100]
  checkpointDelay: 48h
notify: { local: true }
`;

let directory: string;
/** The same project on another machine, which knows nothing of what the first has done. */
let elsewhere: string;
let environment: Record<string, string>;
let cloud: Cloud;
/** Where the team works: GitHub hears of the rollout and of the way back. */
let github: GithubServer;
let team: Record<string, string>;

beforeAll(async () => {
  github = await startGithub();
  const sha = github.repository('acme/testing').branches.get('main')!;
  team = {
    ...{ GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token },
    ...{ GITHUB_REPOSITORY: 'acme/testing', GITHUB_SHA: sha },
  };
  directory = temporaryDirectory('rollback');
  elsewhere = temporaryDirectory('elsewhere');
  for (const place of [directory, elsewhere]) writeFileSync(join(place, 'bake.yaml'), CONFIG);
  const started = await bake(directory, 'local', 'start', '--runtime', 'none', '--json');
  const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
  environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const credentials = { accessKeyId, secretAccessKey };
  cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
  await addCopiedRelease(cloud, '1');
  expectOk(await bake(directory, 'fleet', 'apply', '--local', '--json'));
  expectOk(await bake(directory, 'rollout', '--local', '--json'));
  await addCopiedRelease(cloud, '2');
});
afterAll(async () => {
  cloud?.close();
  await github?.close();
  await bake(directory, 'local', 'reset');
  for (const place of [directory, elsewhere]) rmSync(place, { recursive: true, force: true });
});

const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const finished = ({ stdout }: Ended) => events(stdout).find(({ type }) => type === 'run.finished');
const expectOk = (ended: Ended) => expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 });

/** `bake` where there is no local cloud of its own, with the cloud's address and keys in the environment. */
const bakeElsewhere = (...args: string[]) =>
  execute(process.execPath, [join(repository, 'dist/cli.js'), '-C', elsewhere, ...args], {
    env: { ...environment, ...team, NO_COLOR: '1' },
  });

const versions = async () =>
  (await cloud.groups.find('workers'))!.instances.map(({ templateVersion }) => templateVersion).sort();

/** `bake rollout`, as far as the first instance that runs the new version. */
async function rollOutHalfWay(): Promise<ChildProcess> {
  const args = ['-C', directory, 'rollout', '--release', '2', '--local', '--json'];
  const child = spawn(process.execPath, [join(repository, 'dist/cli.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...team },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, step } = JSON.parse(line);
    if (type === 'step.progress' && step === 'rollout.replace' && (await versions()).includes(2)) break;
  }
  return child;
}

it('of two rollouts at once one is refused with the owner’s name; a killed one is taken back at once, from any machine', async () => {
  const child = await rollOutHalfWay();
  const refused = await bakeElsewhere('rollout', '--release', '2', '--json');
  expect(refused.code, refused.stdout).toBe(1);
  expect(finished(refused).error.message).toMatch(
    /^fleet workers is locked by \S+@\S+: `bake rollout` of release 2 \(rolling\) since .* ago\); the lock expires at /,
  );
  expect(finished(refused).error.hint).toContain('--force-unlock');
  expect((await bakeElsewhere('rollback', '--json')).code).toBe(1);

  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const again = await bakeElsewhere('rollout', '--json');
  expect(again.code).toBe(1);
  expect(finished(again).error.message).toMatch(
    /`bake rollout` of release 2 \(rolling\) on fleet workers is half done: .*its process \(\d+\) is gone/,
  );
  const back = await bakeElsewhere('rollback', '--json');
  expectOk(back);
  expect(finished(back).headline).toMatch(/^release 1 runs on all 2 instances of workers again after /);
  expect(await versions()).toEqual([1, 1]);
  expect(github.problems).toEqual([]);
  const deployments = github.repositories.get('acme/testing')!.deployments;
  expect(deployments.map(({ environment, description }) => `${environment}: ${description}`)).toEqual([
    'testing (local): bake rollout: release 2',
    'testing (local): bake rollback: release 1',
  ]);
  expect(deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
    ['in_progress', 'inactive'],
    ['in_progress', 'success'],
  ]);

  const told = await bakeElsewhere('history', '--json');
  const { value } = events(told.stdout).find(({ type, name }) => type === 'fact' && name === 'history');
  expect(value).toMatchObject({
    group: 'workers',
    releases: [
      { version: 2, release: '2', verified: false, current: false, front: 0 },
      { version: 1, release: '1', verified: true, current: true, front: 2, imageGone: false },
    ],
  });
  const lines = (await bakeElsewhere('history')).stdout;
  expect(lines).toMatch(/VERSION +RELEASE +IMAGE +GIT +BROUGHT +RUNS ON/);
  expect(lines).toMatch(/1 +1 +ami-\w+ +- +.* ago +2 instances +launched now, verified/);
  expect(lines).toContain('workers runs release 1; the last rollout has left nothing to take back');
});

it.skipIf(!installed('script', '--version'))('on a terminal it says what it will do, and asks', async () => {
  const place = ['-C', directory, 'rollback', '--to', '2', '--local'];
  const asked =
    /goes back from release 1 .* to release 2 .*not verified: 2 instances to replace[\s\S]*Go back\? \[y\/N\]/;
  const refused = bakeOnTerminal(...place);
  await refused.saw(asked);
  refused.type('\n');
  expect(await refused.end()).toBe(130);
  expect(refused.seen).toContain('not confirmed: nothing was changed');
  expect(await versions()).toEqual([1, 1]);
  const meant = bakeOnTerminal(...place);
  await meant.saw(asked);
  meant.type('y\n');
  expect(await meant.end()).toBe(0);
  expect(await versions()).toEqual([2, 2]);
});
