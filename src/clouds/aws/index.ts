import { systemClock } from '../../run/clock.ts';
import { BakeError } from '../../run/errors.ts';
import type { Cloud } from '../cloud.ts';
import type { OpenCloudOptions } from '../options.ts';
import { Connection } from './connection.ts';

/**
 * AWS behind the port. Each part and its SDK client are loaded by the first call of one of its methods
 * (client-ec2 alone takes 300 ms to import).
 */
export async function openAws(options: OpenCloudOptions): Promise<Cloud> {
  // Its advice is for who updates the SDK: this version supports this node, and the lock file pins it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { endpoint, credentials, clock = systemClock } = options;
  const local = options.local ?? isOnLoopback(endpoint ?? process.env.AWS_ENDPOINT_URL);
  const region = options.region ?? (await defaultRegion());
  const aws = new Connection({ region, endpoint, credentials, local, clock });
  return cloudOf(aws, { ...options, region, local });
}

/** A cloud on this machine, also one that `eval "$(bake local env)"` names: nothing there takes as long as on AWS. */
const isOnLoopback = (endpoint: string | undefined): boolean =>
  /^https?:\/\/(127\.[\d.]+|localhost|\[::1\])(:|\/|$)/.test(endpoint ?? '');

function cloudOf(aws: Connection, options: OpenCloudOptions & { region: string }): Cloud {
  const { region, local = false } = options;
  const elsewhere = new Map<string, Cloud>();
  return {
    kind: 'aws',
    region,
    local,
    identity: async () => (await import('./identity.ts')).identity(aws),
    images: onFirstUse(async () => (await import('./images.ts')).images(aws)),
    instances: onFirstUse(async () => (await import('./instances.ts')).instances(aws)),
    sshAccess: onFirstUse(async () => (await import('./ssh-access.ts')).sshAccess(aws)),
    staging: onFirstUse(async () => (await import('./staging.ts')).staging(aws)),
    commands: onFirstUse(async () => (await import('./commands.ts')).commands(aws)),
    templates: onFirstUse(async () => (await import('./templates.ts')).templates(aws)),
    groups: onFirstUse(async () => (await import('./groups.ts')).groups(aws)),
    copies: onFirstUse(async () => (await import('./copies.ts')).copies(aws)),
    traffic: onFirstUse(async () => (await import('./traffic.ts')).traffic(aws)),
    scaling: onFirstUse(async () => (await import('./scaling.ts')).scaling(aws)),
    alarms: onFirstUse(async () => (await import('./alarms.ts')).alarms(aws)),
    lifecycleHooks: onFirstUse(async () => (await import('./lifecycle-hooks.ts')).lifecycleHooks(aws)),
    refreshes: onFirstUse(async () => (await import('./refreshes.ts')).refreshes(aws)),
    refreshesKeepTime: true,
    queues: onFirstUse(async () => (await import('./queues.ts')).queues(aws)),
    logs: onFirstUse(async () => (await import('./logs.ts')).logs(aws)),
    networks: onFirstUse(async () => (await import('./networks.ts')).networks(aws, options)),
    parameters: onFirstUse(async () => (await import('./parameters.ts')).parameters(aws)),
    permissions: onFirstUse(async () => (await import('./rollout-permissions.ts')).rolloutPermissions(aws)),
    leftovers: onFirstUse(async () => (await import('./leftovers.ts')).leftovers(aws)),
    inRegion(other) {
      const cloud = elsewhere.get(other) ?? cloudOf(aws.inRegion(other), { ...options, region: other });
      elsewhere.set(other, cloud);
      return cloud;
    },
    close() {
      for (const cloud of elsewhere.values()) cloud.close();
      aws.close();
    },
  };
}

type AsyncMethods<T> = { [K in keyof T]: (...args: never[]) => Promise<unknown> };

/** Stands in for a part of the port, and loads it when one of its methods (all of them are async) is called. */
function onFirstUse<T extends AsyncMethods<T>>(load: () => Promise<T>): T {
  let loading: Promise<T> | undefined;
  const method =
    (name: string) =>
    async (...args: never[]) => {
      loading ??= load();
      return (await loading)[name as keyof T](...args);
    };
  // `then` must stay undefined: an object with one is taken for a promise.
  const get = (_: object, name: string | symbol) =>
    typeof name === 'string' && name !== 'then' ? method(name) : undefined;
  return new Proxy({}, { get }) as T;
}

/** From the environment, or the AWS profile. AWS_DEFAULT_REGION is the AWS CLI's name, which the SDK does not read. */
async function defaultRegion(): Promise<string> {
  const named = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (named) return named;
  const { regionOfProfile } = await import('./identity.ts');
  const region = await regionOfProfile();
  if (region) return region;
  throw new BakeError('no AWS region is set', {
    exitCode: 2,
    hint: 'Set AWS_REGION, or write region: in bake.yaml, or give the AWS profile a region.',
  });
}
