import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { execute } from '../cli.ts';
import type { Artifacts } from './artifacts.ts';

/** What an action that is emulated works with. */
export interface ActionCall {
  inputs: Record<string, string>;
  workspace: string;
  /** Everything in the environment of the job's steps. */
  environment: Record<string, string>;
  artifacts: Artifacts;
  /** The repository as it is on GitHub, and what is to be checked out. */
  source: { directory: string; branch: string; sha: string };
}

interface ActionResult {
  outputs?: Record<string, string>;
  /** For the steps that follow. */
  environment?: Record<string, string>;
  log?: string;
}

type Emulation = (call: ActionCall) => Promise<ActionResult>;

/** actions/checkout: a clone of its own, with the branch checked out at the event's commit. */
const checkout: Emulation = async ({ workspace, source, inputs }) => {
  const target = join(workspace, inputs.path ?? '');
  rmSync(target, { recursive: true, force: true });
  const git = async (...args: string[]) => {
    const { code, stderr } = await execute('git', args);
    if (code !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
  };
  await git('clone', '--quiet', '--branch', inputs.ref || source.branch, source.directory, target);
  if (!inputs.ref) await git('-C', target, 'reset', '--quiet', '--hard', source.sha);
  return {};
};

/** aws-actions/configure-aws-credentials with a role, by OIDC: the job's own token against keys of the role's, at the STS of the environment. */
const configureAwsCredentials: Emulation = async ({ inputs, environment }) => {
  for (const name of ['aws-region', 'role-to-assume'])
    if (!inputs[name]) throw new Error(`Input required and not supplied: ${name}`);
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = environment;
  if (!url) throw new Error('Credentials could not be loaded: the job lacks the permission id-token: write');
  const answer = await fetch(`${url}&audience=${inputs.audience ?? 'sts.amazonaws.com'}`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  const { value } = (await answer.json()) as { value: string };
  const region = inputs['aws-region']!;
  const sts = new STSClient({ region, endpoint: environment.AWS_ENDPOINT_URL, maxAttempts: 1 });
  const { Credentials } = await sts
    .send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: inputs['role-to-assume'],
        RoleSessionName: inputs['role-session-name'] ?? 'GitHubActions',
        WebIdentityToken: value,
      }),
    )
    .catch((error: Error) => {
      throw new Error(`Could not assume role with OIDC: ${error.message}`);
    })
    .finally(() => sts.destroy());
  return {
    environment: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
    },
  };
};

/** Actions that are played, by name. Any version is taken: what they do here has not changed between them. */
export const EMULATED: Record<string, Emulation> = {
  'actions/checkout': checkout,
  'actions/setup-node': async () => ({ outputs: { 'node-version': process.version } }),
  'actions/upload-artifact': async ({ artifacts, workspace, inputs }) => ({
    log: await artifacts.upload(workspace, inputs),
  }),
  'actions/download-artifact': async ({ artifacts, workspace, inputs }) => {
    artifacts.download(workspace, inputs);
    return {};
  },
  'aws-actions/configure-aws-credentials': configureAwsCredentials,
};
