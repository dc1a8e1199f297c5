import { remoteOf } from '../image/git.ts';

/**
 * The repository on GitHub that a directory belongs to, `owner/name`: GITHUB_REPOSITORY, else where git's remote `origin` is.
 * Undefined where neither names one. The remote may be on any host: GitHub's own, or a company's.
 */
export async function repositoryOf(
  directory: string,
  environment: Record<string, string | undefined>,
): Promise<string | undefined> {
  return environment.GITHUB_REPOSITORY || repositoryOfUrl(await remoteOf(directory, 'origin'));
}

/** Of `git@github.com:owner/name.git`, `ssh://git@host:22/owner/name`, `https://host/owner/name.git`. A path on this machine is none. */
export function repositoryOfUrl(url = ''): string | undefined {
  const address = /^(?:(?:https?|ssh|git):\/\/(?:[^@/]*@)?[^/]+\/|[^/:@]+@[^/:]+:\/?)(.+?)(?:\.git)?\/?$/;
  const path = address.exec(url)?.[1];
  return path !== undefined && /^[\w.-]+\/[\w.-]+$/.test(path) ? path : undefined;
}
