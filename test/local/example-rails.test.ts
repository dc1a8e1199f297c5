import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { makeBalancer } from '../helpers/balancer.ts';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import type { Pull } from '../helpers/github/repository.ts';
import { installed } from '../helpers/installed.ts';
import { type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';
import { startTeam, type Team } from '../helpers/workflow/team.ts';

const example = join(repository, 'examples/rails-chatops');
const gems = ['rails', 'active_record', 'sqlite3', 'puma'];
const ruby = installed('ruby', ...gems.map((gem) => `-r${gem}`), '-e', '');
const skipped = ruby ? '' : ' (skipped: not installed: ruby with rails, sqlite3 and puma)';

it.each([
  ['production', 'board', 'deployment/production'],
  ['staging', 'board-staging', 'deployment/staging'],
  ['local', 'board', 'deployment/local'],
])('the board is well configured for environment %s', (environment, group, branch) => {
  const project = loadProject({ directory: example, variables: {}, environment });
  expect(project.config.fleet!.name).toBe(group);
  // Where no environment is named, the branch says it.
  const onBranch = { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: branch };
  expect(loadProject({ directory: example, variables: onBranch }).environment).toBe(environment);
});

it.skipIf(!ruby)(`the board's own tests pass${skipped}`, async () => {
  const { code, stdout, stderr } = await execute('ruby', ['test/board_test.rb'], {
    cwd: join(example, 'board'),
  });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^4 runs, .*, 0 failures, 0 errors/m);
});

const BAKE = '.github/workflows/bake.yml';
const RELEASE = '.github/workflows/release.yml';
const INTO = 'deployment/local';
const LAYOUT = 'board/app/views/layouts/application.html.erb';
const filesOf = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [file.slice(directory.length + 1), readFileSync(file, 'utf8')]),
  );

const support = await sandboxSupport(tmpdir());
const why = support.ok ? skipped : ` (skipped: ${support.sentence})`;

describe.skipIf(!support.ok || !ruby).sequential(`the board, deployed by its team${why}`, () => {
  let team: Team;
  let slack: SlackWorkspace;
  let address: string;
  beforeAll(async () => {
    slack = await startSlack();
    const { SLACK_API_URL, SLACK_BOT_TOKEN } = slack.environment;
    const workflow = { [RELEASE]: readFileSync(join(repository, RELEASE), 'utf8') };
    team = await startTeam(
      'rails',
      { ...filesOf(example), ...workflow },
      {
        ...{ environment: 'local', speed: 30 },
        ...{ machine: { SLACK_API_URL }, secrets: { SLACK_BOT_TOKEN } },
      },
    );
    const balancer = await makeBalancer({ client: { ...team.cloud, maxAttempts: 3 } }, ['board'], {
      port: 8_080,
    });
    address = balancer.address;
    balancer.close();
  }, 60_000);
  afterAll(async () => {
    await slack?.close();
    await team?.close();
  });

  const git = async (directory: string, ...args: string[]) => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    const { code, stdout, stderr } = await execute('git', ['-C', directory, ...who, ...args]);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const page = () => fetch(`http://${address}/`).then((response) => response.text());

  /** bake as somebody of the team runs it on a laptop. */
  async function bake(directory: string, ...args: string[]) {
    const { endpoint, region, credentials } = team.cloud;
    const ended = await execute(
      process.execPath,
      [join(repository, 'dist/cli.js'), '-C', directory, ...args],
      {
        env: {
          ...{ NO_COLOR: '1', AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...{
            GITHUB_TOKEN: team.github.token,
            GITHUB_REPOSITORY: 'acme/shop',
            GITHUB_API_URL: team.github.url,
          },
          ...slack.environment,
        },
      },
    );
    expect(ended.code, `bake ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
    return ended.stdout;
  }

  /** What GitHub has merged, in git: with the same commit. */
  async function follow(branch: string, merged: string, pull?: Pull): Promise<void> {
    await git(team.directory, 'checkout', '--quiet', branch);
    await git(team.directory, 'merge', '--quiet', '--no-ff', '--message', `Merge ${merged}`, merged);
    const sha = await git(team.directory, 'rev-parse', 'HEAD');
    team.hosted.commits.set(sha, { ...team.hosted.commits.get(team.hosted.branches.get(branch)!)!, sha });
    team.hosted.branches.set(branch, sha);
    if (pull) pull.mergeSha = sha;
  }

  /** Somebody's pull request with another heading for the page, merged. */
  async function change(heading: string, author: string): Promise<void> {
    const head = heading.toLowerCase().replaceAll(' ', '-');
    const layout = readFileSync(join(team.directory, LAYOUT), 'utf8').replace(
      /<h1>.*<\/h1>/,
      `<h1>${heading}</h1>`,
    );
    // No workflow is started by the push of a branch.
    await team.push('.github/workflows/gc.yml', head, { [LAYOUT]: layout });
    const pull = team.hosted.pull({ title: heading, author, head });
    team.hosted.merge(pull, 'leo-example');
    await follow('main', head, pull);
  }

  it('begins from a laptop', async () => {
    await bake(team.directory, 'build', '-e', 'local');
    await bake(team.directory, 'fleet', 'apply', '-e', 'local');
    await expect.poll(page, { timeout: 30_000, interval: 200 }).toContain('Release 1');
  });

  it('is released by pull request: ticked and merged, the workflow rolls it out and tells the channel', async () => {
    await change('The board', 'mia-example');
    const opened = (await team.actions.run(RELEASE, {
      ...{ name: 'workflow_dispatch', branch: 'main', inputs: { environment: 'local' } },
    }))!;
    expect(opened.conclusion, opened.log).toBe('success');
    // The first release has made the branch, one change before main.
    await git(team.directory, 'branch', INTO, team.hosted.branches.get(INTO)!);
    const pushed = { name: 'push' as const, branch: INTO, changed: [LAYOUT] };
    expect((await team.actions.run(BAKE, { ...pushed, created: true }))!.jobs.build!.result).toBe('skipped');
    const release = team.hosted.pulls.find(({ base }) => base === INTO)!;
    expect(release.body).toMatch(/### @mia-example\n\n- \[ \] \[#\d+\]\(.*\) The board/);
    release.body = release.body!.replaceAll('- [ ]', '- [x]');
    const said = slack.messages.length;

    expect(await bake(team.directory, 'release', '-e', 'local', '--merge')).toContain(
      `#${release.number} is merged`,
    );
    await follow(INTO, 'main', release);
    const run = (await team.actions.run(BAKE, pushed))!;

    expect(run.conclusion, run.log).toBe('success');
    expect(await page()).toContain('<h1>The board</h1>');
    const [build, rollout, ...others] = slack.messages
      .slice(said)
      .filter(({ thread }) => thread === undefined);
    expect(others).toEqual([]);
    expect(build!.text).toContain('release 2 is image');
    expect(rollout!.text).toContain('release 2 runs on 1 instance');
    expect(slack.messages.filter(({ thread }) => thread === rollout!.ts).length).toBeGreaterThan(0);
    const [deployment] = team.hosted.deployments;
    expect(deployment).toMatchObject({
      environment: expect.stringMatching(/^local/),
      sha: team.hosted.branches.get(INTO),
    });
    expect(deployment!.statuses.at(-1)!.state).toBe('success');
  });

  it('the same deploy runs from a laptop while no workflow runs', async () => {
    await change('The big board', 'leo-example');
    const told = await bake(team.directory, 'release', '-e', 'local', '--merge', '--yes');
    await follow(INTO, 'main');
    const laptop = temporaryDirectory('laptop');
    await git(laptop, 'clone', '--quiet', team.directory, '.');
    // As it is told, each command on a line of its own.
    const next = told.split('Next:\n')[1]!;
    const [fetch, deploy] = next.trim().split('\n');
    const typed = fetch!
      .trim()
      .split(' && ')
      .map((line) => line.split(' ').slice(1));
    for (const args of typed) await git(laptop, ...args);
    expect(deploy).toMatch(/bake build .*&& bake rollout/);
    await bake(laptop, 'build', '-e', 'local');
    await bake(laptop, 'rollout', '-e', 'local');

    expect(await page()).toContain('<h1>The big board</h1>');
    expect(slack.messages.filter(({ thread }) => thread === undefined).at(-1)!.text).toContain(
      'release 3 runs on',
    );
    expect(team.hosted.deployments.at(-1)!.statuses.at(-1)!.state).toBe('success');
    expect(slack.refused).toEqual([]);
    expect(team.github.problems).toEqual([]);
  });
});
