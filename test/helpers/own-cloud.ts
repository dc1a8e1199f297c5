import { afterAll, beforeAll } from 'vitest';
import { bake, temporaryDirectory } from './cli.ts';

/** A local cloud of the test file's own, as a user starts it; with what any AWS client reads from its environment. */
export function ownCloud(name: string, ...flags: string[]) {
  const directory = temporaryDirectory(name);
  const environment: Record<string, string> = {};
  beforeAll(async () => {
    const started = await bake(directory, 'local', 'start', ...flags, '--json');
    const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
    Object.assign(environment, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
  });
  afterAll(() => bake(directory, 'local', 'reset'));
  /** What the SDK's clients take. */
  const client = () => ({
    endpoint: environment.AWS_ENDPOINT_URL as string,
    region: environment.AWS_REGION as string,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID as string,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY as string,
    },
  });
  return { directory, environment, client };
}
