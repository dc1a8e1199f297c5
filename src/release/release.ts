import { GithubError } from '../github/errors.ts';
import { usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { releaseBody } from './body.ts';
import type { Change } from './changes.ts';
import { type Release, type ReleasePull, readRelease, releasePull, sourceOf, tipOf } from './read.ts';
import type { ReleaseSite } from './site.ts';

/** What `openRelease` did: there is a pull request, unless there was nothing to release. */
export type OpenedRelease = Release & {
  /** The commit at which the environment's branch was made just now, where it was not there. */
  begun?: string;
} & (
    | { outcome: 'opened' | 'updated' | 'unchanged'; pull: ReleasePull }
    | { outcome: 'nothing'; pull: undefined }
  );

/**
 * Opens the pull request that releases `from` to an environment, or brings the one that is open up to date: changes that came since
 * are added, ticks and what people wrote are kept. The environment's branch is made where it is not there: at `since` (a commit or
 * branch), by default one change before `from`.
 */
export async function openRelease(
  site: ReleaseSite,
  { since }: { since?: string } = {},
): Promise<OpenedRelease> {
  const { sha: head, parents } = await sourceOf(site);
  const begun = (await tipOf(site, site.into)) ? undefined : await begin(site, since, parents[0] ?? head);
  const release = await readRelease(site, head);
  if (release.changes.length === 0) return { ...release, begun, outcome: 'nothing', pull: undefined };
  const written = await write(site, release);
  return { ...release, begun, ...written };
}

/** Makes the environment's branch; returns the commit that it begins at. */
async function begin(site: ReleaseSite, since: string | undefined, otherwise: string): Promise<string> {
  const sha = since === undefined ? otherwise : await commitOf(site, since);
  try {
    await site.github.request('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${site.into}`, sha });
  } catch (error) {
    // Somebody else released at the same moment, and made it.
    if (!refused(error, /reference already exists/i)) throw error;
  }
  return sha;
}

/** The commit that a branch, a tag or the beginning of a sha stands for. */
async function commitOf({ github }: ReleaseSite, name: string): Promise<string> {
  const asked = { sha: name, per_page: 1 };
  const commits = await github.request('GET /repos/{owner}/{repo}/commits', asked).catch((error: unknown) => {
    if (error instanceof GithubError && (error.status === 404 || error.status === 422)) return [];
    throw error;
  });
  if (commits[0]) return commits[0].sha;
  throw usageError(
    `there is no commit ${name} in ${github.repository}`,
    'Name one that is pushed: a sha, a branch or a tag.',
  );
}

type Written = { outcome: 'opened' | 'updated' | 'unchanged'; pull: ReleasePull };

async function write(site: ReleaseSite, release: Release, again = false): Promise<Written> {
  const { github, environment, from, into } = site;
  const { pull, changes } = release;
  const body = releaseBody(pull?.body ?? '', release, environment);
  const title = titleOf(environment, changes);
  if (!pull) {
    try {
      const opened = await github.request('POST /repos/{owner}/{repo}/pulls', {
        ...{ title, body, head: from, base: into },
      });
      return { outcome: 'opened', pull: releasePull(opened) };
    } catch (error) {
      // Somebody else opened it since we looked: it is brought up to date.
      if (again || !refused(error, /already exists/i)) throw error;
      return write(site, await readRelease(site, release.head), true);
    }
  }
  // A title that somebody gave it stays.
  const ours = pull.title.startsWith(titlePrefix(environment));
  const wanted = { title: ours ? title : pull.title, body };
  if (wanted.title === pull.title && body === pull.body) return { outcome: 'unchanged', pull };
  const updated = await github.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
    ...{ pull_number: pull.number, ...wanted },
  });
  return { outcome: 'updated', pull: releasePull(updated) };
}

const titlePrefix = (environment: string): string => `Release to ${environment}: `;
const titleOf = (environment: string, changes: Change[]): string =>
  `${titlePrefix(environment)}${count(changes.length, 'change')}`;

const refused = (error: unknown, words: RegExp): boolean =>
  error instanceof GithubError && error.status === 422 && words.test(error.message);
