import type { Cloud } from '../clouds/cloud.ts';
import { openCloud as openPort } from '../clouds/open.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';

/**
 * A cloud that has been opened: hand it to several operations, and close it after the last one. It holds connections and
 * credentials, and what it has learned of limits; nothing in the cloud.
 */
export interface CloudConnection {
  readonly kind: 'aws' | 'alicloud';
  readonly region: string;
  /** It is the embedded local cloud. */
  readonly local: boolean;
  /** Lets go of its connections. */
  close(): void;
}

interface Behind {
  cloud: Cloud;
  /** What programs that a run starts need to reach the same cloud; `undefined` unsets one. */
  environment: Record<string, string | undefined>;
}

/** What is behind a connection is nobody's business outside. */
const behind = new WeakMap<CloudConnection, Behind>();

/**
 * Opens the cloud of a project without calling it: credentials (of the environment, a profile, a role) are first used by the first
 * operation. Throws a usage error where no region is known.
 */
export async function openCloud(project: Project): Promise<CloudConnection> {
  const { cloud: kind, region } = project.config;
  return connection({ cloud: await openPort({ kind, region }), environment: {} });
}

/**
 * Opens the project's own local cloud, in `.bake/local` beside its bake.yaml; starts it where it does not run. It goes on after
 * the process has ended: `bake local stop` stops it. `say` hears that it was started.
 */
export async function openLocal(
  project: Project,
  say: (message: string) => void = () => {},
): Promise<CloudConnection> {
  const { clientVariables, ensureLocalCloud } = await import('./local-cloud.ts');
  const info = await ensureLocalCloud(project.directory, say);
  const { region, endpoint, accessKeyId, secretAccessKey } = info;
  const credentials = { accessKeyId, secretAccessKey };
  const kind = project.config.cloud;
  return connection({
    cloud: await openPort({ kind, region, endpoint, credentials, local: true }),
    // A hook that calls the cloud means the same one; a profile or a session's token would be preferred to these keys.
    environment: {
      ...clientVariables(info),
      AWS_PROFILE: undefined,
      AWS_SESSION_TOKEN: undefined,
      ALIBABA_CLOUD_PROFILE: undefined,
      ALIBABA_CLOUD_SECURITY_TOKEN: undefined,
    },
  });
}

function connection(opened: Behind): CloudConnection {
  const { kind, region, local } = opened.cloud;
  const made: CloudConnection = Object.freeze({ kind, region, local, close: () => opened.cloud.close() });
  behind.set(made, opened);
  return made;
}

/** What an operation on `project` works with. Throws a usage error where the connection is to another cloud than the project's. */
export function reach(given: CloudConnection, project: Project): Behind {
  const opened = behind.get(given);
  if (!opened) throw usageError('this is no cloud that openCloud or openLocal has opened');
  if (given.kind !== project.config.cloud)
    throw usageError(
      `the project is on ${project.config.cloud}, but the cloud that was opened is ${given.kind}`,
      'Open it with openCloud(project) or openLocal(project).',
    );
  return opened;
}
