import { hostname, userInfo } from 'node:os';

/** Who runs bake: for others to read. */
export interface Origin {
  /** "ann@laptop"; in GitHub Actions whoever began the workflow. */
  by: string;
  /** In GitHub Actions the address of the run. */
  link?: string;
}

export function originOf(environment: NodeJS.ProcessEnv): Origin {
  const { GITHUB_ACTIONS, GITHUB_ACTOR, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment;
  if (GITHUB_ACTIONS === 'true' && GITHUB_RUN_ID)
    return {
      by: String(GITHUB_ACTOR),
      link: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`,
    };
  return { by: `${userName(environment)}@${hostname()}` };
}

function userName({ USER, LOGNAME }: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return USER ?? LOGNAME ?? `uid ${process.getuid?.()}`; // A container's user may have no name.
  }
}
