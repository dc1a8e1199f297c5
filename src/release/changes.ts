import type { GithubAnswer } from '../github/client.ts';
import type { ReleaseSite } from './site.ts';

/** A merged pull request, or a commit that came without one. */
export interface Change {
  /** `#12`, or the whole sha of a commit. */
  key: string;
  title: string;
  url: string;
  author: Author;
}

export interface Author {
  /** The login on GitHub, or the name in the commit where GitHub knows nobody with its address. */
  name: string;
  /** A person on GitHub, who can be asked: neither a bot nor somebody unknown to it. */
  person: boolean;
}

/** What a commit has and the environment's branch has not. */
export interface Difference {
  /** In the order in which they came. */
  changes: Change[];
  /** The page that shows it. */
  url: string;
}

type Commit = GithubAnswer<'GET /repos/{owner}/{repo}/compare/{basehead}'>['commits'][number];

/** What brought a commit to the branch. */
interface Found {
  change: Change;
  commit: Commit;
  /** The number of a pull request that was merged as this very commit. */
  mergedAs?: number;
}

/** As many questions at once as GitHub bears without its secondary rate limit. */
const AT_ONCE = 8;

/**
 * What would be released with a commit of `from`. Only the commits on its own line are asked for their pull requests: what a merge
 * brought belongs to the pull request that was merged.
 */
export async function differenceOf(site: ReleaseSite, head: string): Promise<Difference> {
  const { commits, url } = await commitsBetween(site, head);
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  const found = new Map<string, Found>();
  const seen = new Set<string>();
  const line = (sha: string | undefined): Commit[] => {
    const along: Commit[] = [];
    for (let at = bySha.get(sha ?? ''); at && !seen.has(at.sha); at = parentOf(at, bySha)) {
      seen.add(at.sha);
      along.push(at);
    }
    return along;
  };
  let waiting = line(head);
  while (waiting.length > 0) {
    const asked = waiting.slice(0, AT_ONCE);
    waiting = waiting.slice(AT_ONCE);
    const pulls = await Promise.all(asked.map((commit) => pullOf(site, commit)));
    for (const [index, commit] of asked.entries()) {
      const one = pulls[index];
      if (one) found.set(one.change.key, one);
      // A merge without a pull request is nothing by itself: what it brought is.
      else if (commit.parents.length > 1)
        waiting.push(...commit.parents.slice(1).flatMap(({ sha }) => line(sha)));
      else found.set(commit.sha, { change: ofCommit(commit), commit });
    }
  }
  await joinRebased(site, found, bySha);
  const places = new Map(commits.map(({ sha }, place) => [sha, place]));
  const place = ({ commit }: Found) => places.get(commit.sha) ?? 0;
  const inOrder = [...found.values()].sort((a, b) => place(a) - place(b));
  return { changes: inOrder.map(({ change }) => change), url };
}

/**
 * A pull request that was rebased came as several commits, of which GitHub knows the last one for certain: those before it that read
 * like the pull request's own are not changes by themselves.
 */
async function joinRebased(
  { github }: ReleaseSite,
  found: Map<string, Found>,
  bySha: Map<string, Commit>,
): Promise<void> {
  for (const { commit, mergedAs } of [...found.values()]) {
    if (mergedAs === undefined || commit.parents.length > 1) continue;
    let before = parentOf(commit, bySha);
    if (!before || !found.has(before.sha)) continue;
    const own = await github.all('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', {
      pull_number: mergedAs,
    });
    const [last, ...others] = own.map((one) => one.commit.message).reverse();
    if (last !== commit.commit.message) continue;
    for (const message of others) {
      if (!before || before.commit.message !== message) break;
      found.delete(before.sha);
      before = parentOf(before, bySha);
    }
  }
}

const parentOf = ({ parents }: Commit, bySha: Map<string, Commit>): Commit | undefined =>
  bySha.get(parents[0]?.sha ?? '');

/** GitHub gives the commits in pages, oldest first. */
async function commitsBetween({ github, into }: ReleaseSite, head: string) {
  const basehead = `${into}...${head}`;
  const commits: Commit[] = [];
  for (let page = 1; ; page++) {
    const part = await github.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
      ...{ basehead, per_page: 100, page },
    });
    commits.push(...part.commits);
    if (commits.length >= part.total_commits || part.commits.length === 0)
      return { commits, url: part.html_url };
  }
}

/** The pull request that brought a commit to the branch; undefined where none did. */
async function pullOf({ github, from }: ReleaseSite, commit: Commit): Promise<Found | undefined> {
  const asked = { commit_sha: commit.sha };
  const pulls = await github.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', asked);
  const pull = pulls.find(({ merged_at, base }) => merged_at !== null && base.ref === from);
  if (!pull) return undefined;
  const { number, title, html_url: url, user } = pull;
  const change = { key: `#${number}`, title, url, author: authorOf(user, 'somebody') };
  return { change, commit, mergedAs: pull.merge_commit_sha === commit.sha ? number : undefined };
}

const ofCommit = ({ sha, html_url: url, commit, author }: Commit): Change => ({
  ...{ key: sha, url, title: commit.message.split('\n')[0] ?? '' },
  author: authorOf(author as { login?: string; type?: string } | null, commit.author?.name ?? 'somebody'),
});

/** A person who left GitHub, or was never there, has a name at most. */
function authorOf(user: { login?: string; type?: string } | null, name: string): Author {
  if (!user?.login) return { name, person: false };
  return { name: user.login, person: user.type !== 'Bot' && !user.login.endsWith('[bot]') };
}
