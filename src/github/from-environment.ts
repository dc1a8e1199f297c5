import { usageError } from '../run/errors.ts';
import { type Github, openGithub } from './client.ts';
import { repositoryOf } from './repository.ts';

/**
 * GitHub as the environment names it: GITHUB_TOKEN, GITHUB_REPOSITORY (else git's remote `origin`), GITHUB_API_URL.
 * A usage error where the token or the repository is missing.
 */
export async function githubFrom(
  directory: string,
  environment: Record<string, string | undefined>,
  signal?: AbortSignal,
): Promise<Github> {
  const token = environment.GITHUB_TOKEN;
  if (!token)
    throw usageError(
      'there is no token for GitHub',
      'Set GITHUB_TOKEN: `export GITHUB_TOKEN=$(gh auth token)`, or in a workflow `GITHUB_TOKEN: ${{ github.token }}`.',
    );
  const repository = await repositoryOf(directory, environment);
  if (repository === undefined)
    throw usageError(
      `${directory} belongs to no repository on GitHub: git has no remote \`origin\` of one`,
      'Set GITHUB_REPOSITORY to owner/name.',
    );
  return openGithub({ token, repository, apiUrl: environment.GITHUB_API_URL, signal });
}
