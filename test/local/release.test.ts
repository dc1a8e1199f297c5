import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import type { Repository } from '../helpers/github/repository.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';
import { type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';

const INTO = 'deployment/production';
let directory: string;
let github: GithubServer;
let slack: SlackWorkspace;
let shop: Repository;
beforeAll(async () => {
  directory = temporaryDirectory('release');
  cpSync(join(repository, 'examples/rails-chatops'), directory, { recursive: true });
  github = await startGithub();
  slack = await startSlack();
  shop = github.repository('acme/shop');
  shop.push(INTO, shop.branches.get('main')!, 'leo-example');
  for (const [title, author] of [
    ['Post pictures', 'mia-example'],
    ['Longer names', 'leo-example'],
  ] as const)
    shop.merge(shop.pull({ title, author, head: title, messages: [title] }), 'leo-example');
});
afterAll(async () => {
  await github.close();
  await slack.close();
});

const bake = (args: string[], environment: Record<string, string | undefined> = {}) =>
  execute(process.execPath, [join(repository, 'dist/cli.js'), '-C', directory, 'release', ...args], {
    env: {
      ...{ NO_COLOR: '1', GITHUB_TOKEN: github.token, GITHUB_REPOSITORY: 'acme/shop' },
      ...{ GITHUB_API_URL: github.url, ...slack.environment, ...environment },
    },
  });
const production = ['-e', 'production'];
const release = () => shop.pulls.find(({ base }) => base === INTO)!;

it('needs a token, a repository and an environment, and says how to give them', async () => {
  const asked: [string[], Record<string, string | undefined>, RegExp][] = [
    [production, { GITHUB_TOKEN: undefined }, /there is no token for GitHub\n.*Set GITHUB_TOKEN/],
    [production, { GITHUB_REPOSITORY: undefined }, /belongs to no repository on GitHub/],
    [[], {}, /release to which environment\? There is production, staging, local\n.*-e production/],
    [[...production, '--merge', '--status'], {}, /--status and --merge are two things/],
  ];
  const ended = await Promise.all(asked.map(([args, environment]) => bake(args, environment)));
  for (const [index, { code, stderr }] of ended.entries()) {
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(asked[index]![2]);
  }
});

it('opens the pull request, says what is in it, and what to type next', async () => {
  const { code, stdout, stderr } = await bake(production);
  expect(code, stdout + stderr).toBe(0);
  const { number } = release();
  expect(stdout).toMatch(/^bake release board \(production\) on GitHub /);
  expect(stdout).toContain('\n[ ] #1 Post pictures (mia-example)\n[ ] #2 Longer names (leo-example)\n');
  expect(stdout).toContain(
    `✓ #${number} is open, from main to ${INTO}: 2 changes, 2 boxes open\n  ${github.url}/acme/shop/pull/${number}\n`,
  );
  expect(stdout).toMatch(/Next:\n {2}bake release --status -C \S+ -e production\n/);
  expect(stdout).not.toContain(github.token);
});

it('asks the authors of open boxes on the pull request, and on Slack by their names there', async () => {
  release().body = release().body!.replace('- [ ] [#2]', '- [x] [#2]');
  const { code, stdout, stderr } = await bake([...production, '--remind']);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain('✓ asked mia-example\n');
  expect(shop.comments[0]!.body).toContain('- @mia-example: [#1]');
  expect(slack.messages[0]!.text).toBe(
    `<${github.url}/acme/shop/pull/${release().number}|Release to production: 2 changes>: 1 box still open\n` +
      `• <@U0ANN>: <${github.url}/acme/shop/pull/1|#1> Post pictures`,
  );
  expect(slack.refused).toEqual([]);
});

it('a Slack that cannot be reached is a warning: they were asked on the pull request', async () => {
  const { code, stdout } = await bake([...production, '--remind'], { SLACK_BOT_TOKEN: 'xoxb-wrong' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/! .*Slack/);
  expect(shop.comments).toHaveLength(2);
});

it('merges when it is told that open boxes do not matter, and tells machines what went with it', async () => {
  const refused = await bake([...production, '--merge']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /#\d+ has 1 open box of 2\n.*#1 Post pictures \(mia-example\)\n.*--merge --yes/s,
  );
  const status = await bake([...production, '--status', '--json']);
  const merged = await bake([...production, '--merge', '--yes', '--json']);
  const facts = [status, merged].map(
    ({ stdout }) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find(({ name }) => name === 'release.pull').value,
  );
  const change = { key: '#1', title: 'Post pictures', author: 'mia-example', ticked: false };
  expect(facts[0]).toMatchObject({
    from: 'main',
    into: INTO,
    changes: [change, { key: '#2', ticked: true }],
  });
  expect(facts[1]).toMatchObject({ outcome: 'merged', pull: { number: release().number } });
  expect(release().mergedAt).toBeDefined();
  const nothing = await bake([...production, '--since', 'main']);
  expect(nothing.stdout).toContain(`! --since is for a branch that is not there yet: ${INTO} is`);
  expect(nothing.stdout).toContain(`✓ nothing to release: ${INTO} has all that is on main`);
  expect(github.problems).toEqual([]);
});
