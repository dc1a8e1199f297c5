import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { usageError } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import { findHosts } from './find-hosts.ts';
import { Host } from './host.ts';
import { loginOf } from './login.ts';

/** What every step needs: the run, the settings, and the servers in the order in which they are changed. */
export interface Site {
  run: Run;
  project: Project;
  config: InPlaceConfig;
  hosts: Host[];
}

/** Whether what is asked of a project is about servers that stay. Pure. */
export const isInPlace = ({ config }: Project, strategy: string = config.rollout.strategy): boolean =>
  strategy === 'in-place' || (config.inPlace !== undefined && config.fleet === undefined);

/** Whether a cloud has to be asked where the servers are. Pure. */
export const needsCloud = ({ config }: Project): boolean => config.inPlace?.hosts === undefined;

/** The settings; a usage error where there are none. */
export function inPlaceConfig({ config }: Project): InPlaceConfig {
  if (config.inPlace) return config.inPlace;
  throw usageError('the strategy in-place needs `inPlace` in bake.yaml', 'docs/in-place.md shows how.');
}

/** Works with the servers of a project; lets go of all connections in the end. `cloud` is asked for only where servers are its instances. */
export async function withSite<T>(
  run: Run,
  cloud: () => Cloud,
  project: Project,
  work: (site: Site) => Promise<T>,
): Promise<T> {
  const config = inPlaceConfig(project);
  const login = loginOf(project, config);
  const hosts = (await findHosts(config, cloud)).map((at) => new Host(at, login));
  try {
    return await work({ run, project, config, hosts });
  } finally {
    for (const host of hosts) host.close();
  }
}
