import type { GithubAnswer } from '../github/client.ts';
import { GithubError } from '../github/errors.ts';
import { BakeError } from '../run/errors.ts';
import { ticksIn } from './body.ts';
import { type Change, type Difference, differenceOf } from './changes.ts';
import type { ReleaseSite } from './site.ts';

/** The pull request of a release. */
export interface ReleasePull {
  number: number;
  url: string;
  title: string;
  body: string;
  /** Milliseconds since the Unix epoch. */
  createdAt: number;
}

/** What is to be released, and how far it is. */
export interface Release extends Difference {
  /** The commit of `from` that it is about. */
  head: string;
  /** The open pull request; undefined where none is. */
  pull: ReleasePull | undefined;
  /** The changes whose boxes nobody has ticked yet. */
  open: Change[];
}

/** A commit of a branch; undefined where there is no such branch. */
export async function tipOf({ github }: ReleaseSite, branch: string) {
  try {
    const { commit } = await github.request('GET /repos/{owner}/{repo}/branches/{branch}', { branch });
    return { sha: commit.sha, parents: commit.parents.map((parent) => parent.sha ?? '') };
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
}

/** The tip of the branch that is released from. */
export async function sourceOf(site: ReleaseSite) {
  const tip = await tipOf(site, site.from);
  if (tip) return tip;
  throw new BakeError(`there is no branch ${site.from} in ${site.github.repository}`, {
    hint: 'Name the branch that is released from as `release.from` in bake.yaml, and check that the token may read the repository.',
  });
}

/** Reads a release whose branch is there. The boxes are read last: whoever ticks one meanwhile is seen. */
export async function readRelease(site: ReleaseSite, head: string): Promise<Release> {
  const difference = await differenceOf(site, head);
  const pull = await findPull(site);
  const ticked = ticksIn(pull?.body ?? '');
  return { ...difference, head, pull, open: difference.changes.filter(({ key }) => !ticked.has(key)) };
}

/** The open pull request from the one branch to the other. */
async function findPull({ github, from, into }: ReleaseSite): Promise<ReleasePull | undefined> {
  const [owner] = github.repository.split('/');
  const filter = { state: 'open', base: into, head: `${owner}:${from}` } as const;
  const [pull] = await github.request('GET /repos/{owner}/{repo}/pulls', filter);
  return pull && releasePull(pull);
}

export const releasePull = ({
  number,
  html_url: url,
  title,
  body,
  created_at,
}: Pick<
  GithubAnswer<'GET /repos/{owner}/{repo}/pulls'>[number],
  'number' | 'html_url' | 'title' | 'body' | 'created_at'
>): ReleasePull => ({ number, url, title, body: body ?? '', createdAt: Date.parse(created_at) });
