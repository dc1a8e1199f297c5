import { execute, repository } from './cli.ts';
import type { TestCloud } from './cloud.ts';

/** Nothing of this machine's own environment but the way to programs: no account, no region, no token. */
export function bareEnvironment(): Record<string, string | undefined> {
  const none = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return {
    ...none,
    PATH: process.env.PATH,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
  };
}

/** What an AWS client reads from its environment to reach a cloud of the test's own. */
export const reaching = (
  cloud: TestCloud,
  key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = cloud.credentials,
): Record<string, string | undefined> => ({
  AWS_ENDPOINT_URL: cloud.endpoint,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_SESSION_TOKEN: key.sessionToken,
});

/** The program as it is installed, with an environment of its own: its exit code, and its words with what differs from run to run left out. */
export async function saying(
  directory: string,
  environment: Record<string, string | undefined>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await execute(process.execPath, [`${repository}dist/cli.js`, ...args], {
    cwd: directory,
    env: { ...bareEnvironment(), ...environment },
  });
  return { code, out: stdout, err: withoutTimes(stderr, directory) };
}

export const withoutTimes = (text: string, directory: string): string =>
  text
    .replaceAll(directory, 'DIR')
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{6}/g, 'RUN')
    .replaceAll(/ after \d[\d.]* (ms|s|m)( \d+ s)?/g, ' after TIME');
