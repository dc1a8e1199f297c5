import type { Project } from '../config/schema.ts';
import type { Github } from '../github/client.ts';
import { usageError } from '../run/errors.ts';

/** Where releases of an environment happen: a repository and two branches of it. */
export interface ReleaseSite {
  github: Github;
  environment: string;
  /** The branch whose changes are released: `main`. */
  from: string;
  /** The branch that the environment runs: `deployment/production`. */
  into: string;
}

/** As the project configures it. A usage error where the branch depends on the environment, and none was chosen among several. */
export function releaseSite(github: Github, { config, environment, environments }: Project): ReleaseSite {
  const { from, branch } = config.release;
  if (branch.includes('{environment}') && environment === 'default' && environments.length > 0)
    throw usageError(
      `release to which environment? There is ${environments.join(', ')}`,
      `Name it: -e ${environments[0]}.`,
    );
  return { github, environment, from, into: branch.replaceAll('{environment}', environment) };
}
