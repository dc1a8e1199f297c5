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

/** As many questions at once as GitHub bears without its secondary rate limit. */
const AT_ONCE = 8;

/**
 * What would be released with a commit of `from`. Only the commits on its own line are asked for their pull requests: what a merge
 * brought belongs to the pull request that was merged.
 */
export async function differenceOf(site: ReleaseSite, head: string): Promise<Difference> {
  const { commits, url } = await commitsBetween(site, head);
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  const found = new Map<string, { change: Change; place: number }>();
  const seen = new Set<string>();
  const line = (sha: string | undefined): Commit[] => {
    const along: Commit[] = [];
    for (let at = bySha.get(sha ?? ''); at && !seen.has(at.sha); at = bySha.get(at.parents[0]?.sha ?? '')) {
      seen.add(at.sha);
      along.push(at);
    }
    return along;
  };
  const waiting = line(head);
  while (waiting.length > 0) {
    const asked = waiting.splice(0, AT_ONCE);
    const changes = await Promise.all(asked.map((commit) => pullOf(site, commit.sha)));
    for (const [index, commit] of asked.entries()) {
      const change = changes[index] ?? (commit.parents.length > 1 ? undefined : ofCommit(commit));
      // A merge without a pull request is nothing by itself: what it brought is.
      if (!change) waiting.push(...commit.parents.slice(1).flatMap(({ sha }) => line(sha)));
      else found.set(change.key, { change, place: commits.indexOf(commit) });
    }
  }
  const inOrder = [...found.values()].sort((a, b) => a.place - b.place);
  return { changes: inOrder.map(({ change }) => change), url };
}

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
async function pullOf({ github, from }: ReleaseSite, sha: string): Promise<Change | undefined> {
  const pulls = await github.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    commit_sha: sha,
  });
  const pull = pulls.find(({ merged_at, base }) => merged_at !== null && base.ref === from);
  if (!pull) return undefined;
  const { number, title, html_url: url, user } = pull;
  return { key: `#${number}`, title, url, author: authorOf(user, 'somebody') };
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
