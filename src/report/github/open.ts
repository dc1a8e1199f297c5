import type { Project } from '../../config/schema.ts';
import { openGithub } from '../../github/client.ts';
import { repositoryOf } from '../../github/repository.ts';
import { gitState } from '../../image/git.ts';
import { originOf } from '../../run/origin.ts';
import type { Reporter } from '../reporter.ts';
import type { RunBegin } from '../team.ts';
import { githubReporter } from './reporter.ts';

/** What changes what runs in an environment. */
const DEPLOYING = ['rollout', 'cutover', 'rollback'];

/** The reporter for GitHub, where there is a GITHUB_TOKEN, a repository, and a command that is told; else undefined. */
export async function openGithubReporter(
  { config, directory }: Project,
  begin: RunBegin,
  run: string,
  warn: (message: string) => void,
): Promise<Reporter | undefined> {
  const { GITHUB_TOKEN: token, GITHUB_API_URL: apiUrl, GITHUB_SHA } = process.env;
  const { deployments: wanted, statuses, environmentUrl } = config.notify.github;
  const deployments = wanted && DEPLOYING.includes(begin.command);
  if (!token || !(deployments || (statuses && [...DEPLOYING, 'build'].includes(begin.command))))
    return undefined;
  const [repository, git] = await Promise.all([repositoryOf(directory, process.env), gitState(directory)]);
  if (repository === undefined) return undefined;
  const giveUp = new AbortController();
  return githubReporter(openGithub({ token, repository, apiUrl, signal: giveUp.signal }), {
    ...{ begin, run, origin: originOf(process.env), head: GITHUB_SHA || git?.commit, environmentUrl },
    ...{ deployments, statuses, warn, giveUp: () => giveUp.abort() },
  });
}
