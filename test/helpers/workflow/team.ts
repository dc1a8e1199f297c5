import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bake, execute, repository, temporaryDirectory } from '../cli.ts';
import type { TestCloud } from '../cloud.ts';
import type { Repository } from '../github/repository.ts';
import { type GithubServer, startGithub } from '../github-server.ts';
import { askOwnPath } from '../own-paths.ts';
import { shippedPolicy } from '../policies.ts';
import { signedRequest } from '../signed-request.ts';
import { type ActionsOptions, GithubActions } from './actions.ts';
import { type Issuer, startIssuer } from './oidc.ts';

/** Client of a local cloud in another process: what helpers for one in the test's own want of it. */
type CloudClient = Pick<TestCloud, 'endpoint' | 'region' | 'credentials'>;

/** A team's repository with bake's workflows in it as they are shipped, and an account that trusts its jobs. */
export interface Team {
  /** The repository as it is on GitHub. */
  directory: string;
  actions: GithubActions;
  /** GitHub's API, as jobs see it with the permissions that they ask for; it knows every commit. */
  github: GithubServer;
  /** The repository there. */
  hosted: Repository;
  cloud: CloudClient;
  /** Commits files on a branch (made from main where it is new), and runs what a push of it starts. */
  push(workflow: string, branch: string, files: Record<string, string>): ReturnType<GithubActions['run']>;
  /** bake on the checkout, as the account's owner. */
  bake(...args: string[]): ReturnType<typeof bake>;
  close(): Promise<void>;
}

const REPOSITORY = 'acme/shop';

/**
 * Starts the local cloud with an issuer that it trusts, roles with the shipped policies, trusts and names, and enforces them; makes the
 * repository. `environment`: the one of bake.yaml that the deploy role is for.
 */
export async function startTeam(
  name: string,
  files: Record<string, string>,
  options: {
    environment: string;
    speed?: number;
    /** Variables of bake.yaml. */
    variables?: Record<string, string>;
  } & Partial<ActionsOptions>,
): Promise<Team> {
  const place = temporaryDirectory(name);
  const directory = join(place, 'shop');
  const { environment, speed = 60, variables = {}, ...more } = options;
  mkdirSync(directory);
  const git = async (...args: string[]) => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    const { code, stdout, stderr } = await execute('git', ['-C', directory, ...who, ...args]);
    if (code !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
    return stdout;
  };
  const github = await startGithub();
  const hosted = github.repository(REPOSITORY);
  const commit = async (changed: Record<string, string>) => {
    for (const [file, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
    await git('add', '--all');
    const message = Object.keys(changed).join(', ');
    await git('commit', '--quiet', '--allow-empty', '--message', message);
    const [sha = '', branch = ''] = (await git('rev-parse', 'HEAD', '--abbrev-ref', 'HEAD')).split('\n');
    const parents = [hosted.branches.get(branch) ?? hosted.branches.get('main')!];
    const known = { sha, parents, message, author: 'ada', date: hosted.now(), files: Object.keys(changed) };
    hosted.commits.set(sha, known);
    hosted.branches.set(branch, sha);
  };
  await git('init', '--quiet', '--initial-branch', 'main');
  for (const workflow of ['bake', 'cutover', 'gc', 'release']) {
    const file = `.github/workflows/${workflow}.yml`;
    cpSync(join(repository, file), join(directory, file));
  }
  await commit({ '.gitignore': '.bake/\n', ...files });

  const account = join(place, 'account');
  mkdirSync(account);
  const started = await bake(account, 'local', 'start', '--speed', String(speed), '--json');
  if (started.code !== 0) throw new Error(started.stdout + started.stderr);
  const { endpoint, region, ...credentials } = JSON.parse(started.stdout);
  const cloud: CloudClient = { endpoint, region, credentials };
  const issuer = await startIssuer();
  await trust(cloud, issuer, environment);
  const machine = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PATH: `${registryStandIn(join(place, 'tools'))}:${process.env.PATH}`,
    ...more.machine,
  };
  const lines = Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
  const role = (called: string) => `arn:aws:iam::000000000000:role/${called}`;
  const actions = new GithubActions({
    ...{ directory, repository: REPOSITORY, issuer, apiUrl: github.url, ...more, machine },
    token(permissions) {
      const token = `ghs_job${github.tokens.size}`;
      const entries = Object.entries(permissions).map(([name, value]) => [name.replaceAll('-', '_'), value]);
      const granted = Object.fromEntries(entries) as Record<string, 'read' | 'write'>;
      github.tokens.set(token, { login: 'github-actions[bot]', permissions: granted });
      return token;
    },
    vars: {
      AWS_REGION: region,
      AWS_BUILD_ROLE: role('builder'),
      AWS_GC_ROLE: role('keeper'),
      BAKE_ENV: lines,
      ...more.vars,
    },
    environments: {
      [environment]: { vars: { AWS_ROLE: role('deployer') } },
      ...more.environments,
    },
  });
  return {
    directory,
    actions,
    github,
    hosted,
    cloud,
    async push(workflow, branch, changed) {
      const known = await git('branch', '--list', branch);
      await git('checkout', '--quiet', ...(known ? [branch] : ['-b', branch, 'main']));
      await commit(changed);
      return actions.run(workflow, { name: 'push', branch, changed: Object.keys(changed) });
    },
    bake: (...args) =>
      execute(process.execPath, [join(repository, 'dist/cli.js'), '-C', directory, ...args], {
        env: {
          ...{ NO_COLOR: '1', AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...variables,
        },
      }),
    async close() {
      actions.close();
      issuer.close();
      await github.close();
      await bake(account, 'local', 'reset');
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** In place of the package registry: `npm install --global bake-images@…` gives the package as it is built here. */
function registryStandIn(directory: string): string {
  const program = (name: string, lines: string[]) => {
    writeFileSync(join(directory, name), ['#!/usr/bin/env bash', ...lines, ''].join('\n'));
    chmodSync(join(directory, name), 0o755);
  };
  mkdirSync(directory);
  const bin = join(directory, 'installed');
  program('npm', [
    `[[ "$*" =~ ^install\\ --global\\ .*bake-images@ ]] || { echo "npm $*: not on this machine" >&2; exit 1; }`,
    `ln -sf ${bin} ${join(directory, 'bake')}`,
  ]);
  program('installed', [`exec ${process.execPath} ${join(repository, 'dist/cli.js')} "$@"`]);
  return directory;
}

/** Roles of the account for the jobs of the repository, by the shipped policies, which are enforced from now on. */
async function trust(cloud: CloudClient, issuer: Issuer, environment: string): Promise<void> {
  const iam = async (Action: string, values: Record<string, string>) => {
    const body = new URLSearchParams({ Action, Version: '2010-05-08', ...values }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await signedRequest(cloud as TestCloud, { service: 'iam', headers, body });
    if (answer.status !== 200) throw new Error(answer.body);
  };
  await iam('CreateOpenIDConnectProvider', { Url: issuer.url, 'ClientIDList.member.1': 'sts.amazonaws.com' });
  const filled = (file: string) =>
    JSON.stringify(shippedPolicy(file))
      .replaceAll('ACCOUNT', '000000000000')
      .replaceAll('OWNER/REPOSITORY', REPOSITORY)
      .replaceAll('ENVIRONMENT', environment)
      .replaceAll('token.actions.githubusercontent.com', new URL(issuer.url).host);
  const roles = {
    builder: { trusted: 'github-oidc-trust-build', policies: ['builder'] },
    deployer: { trusted: 'github-oidc-trust', policies: ['deployer'] },
    keeper: { trusted: 'github-oidc-trust-build', policies: ['builder', 'deployer'] },
  };
  const principals: Record<string, object> = {};
  for (const [RoleName, { trusted, policies }] of Object.entries(roles)) {
    await iam('CreateRole', { RoleName, AssumeRolePolicyDocument: filled(trusted) });
    const documents = policies.map((policy) => [policy, shippedPolicy(policy)]);
    principals[RoleName] = { kind: 'role', policies: Object.fromEntries(documents) };
  }
  await askOwnPath(cloud as TestCloud, 'policies', { body: { enforce: true, principals } });
}
