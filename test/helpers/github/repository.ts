import { createHash } from 'node:crypto';

/** A commit as the server keeps it. */
export interface Commit {
  sha: string;
  parents: string[];
  message: string;
  /** Login; undefined where GitHub knows nobody with the address. */
  author: string | undefined;
  date: string;
  files: string[];
}

export interface Comment {
  id: number;
  issue: number;
  body: string;
  author: string;
  createdAt: string;
  updatedAt: string;
}

export interface Pull {
  number: number;
  title: string;
  body: string | null;
  author: string;
  head: string;
  base: string;
  /** Of the branches, when it was merged or closed. */
  headSha?: string;
  state: 'open' | 'closed';
  draft: boolean;
  mergedAt?: string;
  mergedBy?: string;
  mergeSha?: string;
  /** False: it has conflicts. */
  mergeable: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface DeploymentStatus {
  id: number;
  state: string;
  description: string;
  log_url: string;
  environment_url: string;
  creator: string;
  createdAt: string;
}

export interface Deployment {
  id: number;
  ref: string;
  sha: string;
  task: string;
  environment: string;
  description: string | null;
  payload: unknown;
  production: boolean;
  transient: boolean;
  creator: string;
  createdAt: string;
  statuses: DeploymentStatus[];
}

export interface CommitStatus {
  id: number;
  sha: string;
  state: string;
  context: string;
  description: string | null;
  target_url: string | null;
  creator: string;
  createdAt: string;
}

/** What happened to a repository: what a workflow of its would be started by. */
export type RepositoryEvent =
  | { event: 'push'; branch: string; sha: string; actor: string }
  | {
      event: 'workflow_dispatch';
      workflow: string;
      ref: string;
      inputs: Record<string, string>;
      actor: string;
    };

/** A repository, in memory: its history, and what people say and do about it. */
export class Repository {
  readonly name: string;
  readonly defaultBranch: string;
  readonly commits = new Map<string, Commit>();
  readonly branches = new Map<string, string>();
  readonly pulls: Pull[] = [];
  readonly comments: Comment[] = [];
  readonly deployments: Deployment[] = [];
  readonly statuses: CommitStatus[] = [];
  /** Told of every push and every dispatch. */
  readonly listeners: ((event: RepositoryEvent) => void)[] = [];
  /** Names of files in .github/workflows that can be dispatched. */
  readonly workflows = ['bake.yml', 'cutover.yml', 'gc.yml'];
  #last = 0;

  constructor(name: string, defaultBranch = 'main') {
    this.name = name;
    this.defaultBranch = defaultBranch;
    this.commit(defaultBranch, { message: 'Initial commit', author: 'ada' });
  }

  /** Ids count up over everything in the repository, as numbers of issues and pull requests do. */
  nextId(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Every moment is one second after the one before: what sorts by time has an order. */
  now(): string {
    this.#seconds += 1;
    return new Date(Date.UTC(2026, 0, 1) + this.#seconds * 1_000).toISOString().replace('.000Z', 'Z');
  }
  #seconds = 0;

  /** A commit on a branch, which is made (from the default branch) where it is not there. Returns its sha. */
  commit(
    branch: string,
    {
      message,
      author,
      files = [],
      parents,
    }: { message: string; author?: string; files?: string[]; parents?: string[] },
  ): string {
    const tip = this.branches.get(branch) ?? this.branches.get(this.defaultBranch);
    const commit = { parents: parents ?? (tip ? [tip] : []), message, author, date: this.now(), files };
    const sha = createHash('sha1').update(JSON.stringify(commit)).digest('hex');
    this.commits.set(sha, { sha, ...commit });
    this.push(branch, sha, author ?? 'nobody');
    return sha;
  }

  push(branch: string, sha: string, actor: string): void {
    this.branches.set(branch, sha);
    this.tell({ event: 'push', branch, sha, actor });
  }

  tell(event: RepositoryEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** A pull request from a branch of its own with one commit for each message. */
  pull(options: {
    title: string;
    author: string;
    head: string;
    base?: string;
    body?: string;
    messages?: string[];
    files?: string[];
  }): Pull {
    const { title, author, head, base = this.defaultBranch, body = null, messages = [], files } = options;
    for (const message of messages) this.commit(head, { message, author, files });
    const at = this.now();
    const pull: Pull = {
      ...{ number: this.nextId(), title, body, author, head, base, state: 'open', draft: false },
      ...{ mergeable: true, createdAt: at, updatedAt: at },
    };
    this.pulls.push(pull);
    return pull;
  }

  /** Merges a pull request; returns the commit that did it. */
  merge(pull: Pull, by: string, how: { method?: string; title?: string; message?: string } = {}): string {
    const { method = 'merge' } = how;
    const head = this.headOf(pull);
    const base = this.branches.get(pull.base)!;
    const between = this.missing(base, head);
    const author = pull.author;
    const title =
      how.title ?? `Merge pull request #${pull.number} from ${this.name.split('/')[0]}/${pull.head}`;
    pull.headSha = head;
    if (method === 'rebase') {
      for (const { message, author: who, files } of between)
        this.commit(pull.base, { message, author: who, files });
    } else if (method === 'squash') {
      const files = [...new Set(between.flatMap((commit) => commit.files))];
      const message = `${how.title ?? `${pull.title} (#${pull.number})`}${how.message ? `\n\n${how.message}` : ''}`;
      this.commit(pull.base, { message, author, files });
    } else {
      const message = `${title}\n\n${how.message ?? pull.title}`;
      this.commit(pull.base, { message, author: by, parents: [base, head] });
    }
    pull.mergeSha = this.branches.get(pull.base)!;
    pull.mergedAt = this.now();
    pull.updatedAt = pull.mergedAt;
    pull.mergedBy = by;
    pull.state = 'closed';
    return pull.mergeSha;
  }

  headOf = (pull: Pull): string => pull.headSha ?? this.branches.get(pull.head)!;

  /** A sha, a branch, or the beginning of a sha. */
  resolve(ref: string): string | undefined {
    const name = ref.replace(/^refs\/heads\/|^heads\//, '');
    const branch = this.branches.get(name);
    if (branch !== undefined) return branch;
    return /^[0-9a-f]{7,40}$/.test(ref)
      ? [...this.commits.keys()].find((sha) => sha.startsWith(ref))
      : undefined;
  }

  /** A commit and all before it, newest first. */
  history(sha: string): Commit[] {
    const seen = new Map<string, Commit>();
    const waiting = [sha];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const commit = this.commits.get(next)!;
      if (seen.has(next)) continue;
      seen.set(next, commit);
      waiting.push(...commit.parents);
    }
    return [...seen.values()].sort((a, b) => b.date.localeCompare(a.date));
  }

  /** What `head` has and `base` has not, oldest first. */
  missing(base: string, head: string): Commit[] {
    const there = new Set(this.history(base).map(({ sha }) => sha));
    return this.history(head)
      .filter(({ sha }) => !there.has(sha))
      .reverse();
  }

  /** The newest commit that both have. */
  mergeBase(base: string, head: string): Commit | undefined {
    const there = new Set(this.history(base).map(({ sha }) => sha));
    return this.history(head).find(({ sha }) => there.has(sha));
  }

  /** The pull requests that brought a commit: by being merged as it, or with it. */
  pullsOf(sha: string): Pull[] {
    return this.pulls.filter((pull) => {
      if (pull.mergeSha === sha) return true;
      const merge = pull.mergeSha && this.commits.get(pull.mergeSha);
      const base = merge ? merge.parents[0] : this.branches.get(pull.base);
      return base !== undefined && this.missing(base, this.headOf(pull)).some((commit) => commit.sha === sha);
    });
  }
}
