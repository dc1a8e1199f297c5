import { GithubError } from '../github/errors.ts';
import type { Clock } from '../run/clock.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Release, ReleasePull } from './read.ts';
import { type OpenedRelease, openRelease } from './release.ts';
import type { ReleaseSite } from './site.ts';

export interface MergeOptions {
  /** Whether boxes may be open. */
  unticked?: boolean;
  clock: Clock;
  signal?: AbortSignal;
}

/** What was merged, as which commit; nothing where there is nothing to release. */
export type MergedRelease =
  | (Release & { outcome: 'merged'; pull: ReleasePull; merged: string })
  | Extract<OpenedRelease, { outcome: 'nothing' }>;

/** GitHub finds out in the background whether a pull request can be merged. Milliseconds. */
const MERGEABLE_TIMEOUT = 30_000;

/**
 * Merges an environment's release, which starts its rollout. The pull request is brought up to date first, and what is merged is
 * exactly what it lists: a change that comes meanwhile is refused by GitHub. It is always a merge commit, for the environment's branch
 * has to contain what it released.
 */
export async function mergeRelease(site: ReleaseSite, options: MergeOptions): Promise<MergedRelease> {
  const release = await openRelease(site);
  if (release.outcome === 'nothing') return release;
  const { pull, open, changes, head } = release;
  if (open.length > 0 && !options.unticked)
    throw new BakeError(
      `#${pull.number} has ${count(open.length, 'open box', 'open boxes')} of ${changes.length}`,
      {
        details: open.map(({ key, title, author }) => `${key.slice(0, 7)} ${title} (${author.name})`),
        hint: `Tick them at ${pull.url}, or merge it all the same: \`bake release --merge --yes\`.`,
      },
    );
  await untilMergeable(site, pull, options);
  try {
    const { sha } = await site.github.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      ...{ pull_number: pull.number, sha: head, merge_method: 'merge' },
    });
    return { ...release, outcome: 'merged', merged: sha };
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    if (error.status === 409)
      throw new BakeError(`${site.from} has changed while #${pull.number} was merged: nothing was merged`, {
        ...{ hint: 'Look at what came, and run `bake release --merge` again.', cause: error },
      });
    if (error.status === 405)
      throw new BakeError(`GitHub does not merge #${pull.number}`, {
        hint: `Open ${pull.url}: a review or a check is missing, or merge commits are not allowed in the repository's settings.`,
        ...{ details: [error.message], cause: error },
      });
    throw error;
  }
}

/** Waits until GitHub knows whether it can be merged; throws when there are conflicts. */
async function untilMergeable(
  { github, into }: ReleaseSite,
  pull: { number: number; url: string },
  { clock, signal }: MergeOptions,
): Promise<void> {
  const mergeable = await poll(
    async () => {
      const asked = { pull_number: pull.number };
      const { mergeable } = await github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', asked);
      return mergeable === null ? { done: false, state: 'not known' } : { done: true, value: mergeable };
    },
    {
      what: `GitHub to know whether #${pull.number} can be merged`,
      timeout: MERGEABLE_TIMEOUT,
      clock,
      signal,
    },
  );
  if (!mergeable)
    throw new BakeError(`#${pull.number} has conflicts with ${into}`, {
      hint: `Somebody has changed ${into} itself: bring that change to the other branch too. ${pull.url} shows what it is.`,
    });
}
