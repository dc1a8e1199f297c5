import { complete } from './description.ts';
import type {
  Comment,
  Commit,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Pull,
  Repository,
} from './repository.ts';

type Json = Record<string, unknown>;

/** The things of the server's as GitHub shows them. `web` is where people look at them, `api` where programs do. */
export class Shapes {
  readonly web: string;
  readonly api: string;

  constructor(url: string) {
    this.web = url;
    this.api = url;
  }

  user = (login: string, schema = 'simple-user'): Json =>
    complete(schema, {
      ...{ login, id: idOf(login), node_id: `U_${login}`, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
      ...{ html_url: `${this.web}/${login}`, url: `${this.api}/users/${login}`, site_admin: false },
    });

  repository(repository: Repository, schema = 'repository'): Json {
    const [owner = '', name = ''] = repository.name.split('/');
    return complete(schema, {
      ...{
        id: idOf(repository.name),
        name,
        full_name: repository.name,
        owner: this.user(owner),
        private: true,
      },
      ...{ html_url: `${this.web}/${repository.name}`, url: this.#url(repository), fork: false },
      ...{ default_branch: repository.defaultBranch, permissions: { admin: false, pull: true, push: true } },
    });
  }

  commit(repository: Repository, commit: Commit): Json {
    const { sha, message, author, date, parents } = commit;
    const person = { name: author ?? 'Somebody', email: `${author ?? 'somebody'}@example.com`, date };
    const user = author === undefined ? null : this.user(author);
    return complete('commit', {
      ...{ sha, url: `${this.#url(repository)}/commits/${sha}`, author: user, committer: user },
      html_url: this.#page(repository, 'commit', sha),
      parents: parents.map((parent) => ({
        ...{ sha: parent, url: `${this.#url(repository)}/commits/${parent}` },
        html_url: this.#page(repository, 'commit', parent),
      })),
      commit: {
        ...{ message, author: person, committer: person, comment_count: 0 },
        url: `${this.#url(repository)}/git/commits/${sha}`,
        tree: { sha, url: `${this.#url(repository)}/git/trees/${sha}` },
      },
    });
  }

  files = (repository: Repository, commits: Commit[]): Json[] =>
    [...new Set(commits.flatMap(({ files }) => files))].map((filename) =>
      complete('diff-entry', {
        ...{ sha: idOf(filename).toString(16).padStart(40, '0'), filename, status: 'modified' },
        ...{ additions: 1, deletions: 1, changes: 2, blob_url: this.#page(repository, 'blob', filename) },
        raw_url: this.#page(repository, 'raw', filename),
        contents_url: `${this.#url(repository)}/contents/${filename}`,
      }),
    );

  pull(repository: Repository, pull: Pull, schema: 'pull-request' | 'pull-request-simple'): Json {
    const { number, title, body, author, state, draft, mergedAt, mergedBy, mergeSha, createdAt } = pull;
    const base = repository.branches.get(pull.base)!;
    const head = repository.headOf(pull);
    const commits = repository.missing(base, head);
    const [owner = ''] = repository.name.split('/');
    const side = (ref: string, sha: string) => ({
      ...{ label: `${owner}:${ref}`, ref, sha, user: this.user(owner), repo: this.repository(repository) },
    });
    const url = `${this.#url(repository)}/pulls/${number}`;
    const link = (part: string) => ({ href: `${url}/${part}` });
    const links = [
      'comments',
      'commits',
      'html',
      'issue',
      'review_comment',
      'review_comments',
      'self',
      'statuses',
    ];
    const alone = {
      ...{ merged: mergedAt !== undefined, mergeable: pull.state === 'open' ? pull.mergeable : null },
      ...{ mergeable_state: pull.mergeable ? 'clean' : 'dirty', commits: commits.length },
      merged_by: mergedBy === undefined ? null : this.user(mergedBy),
      comments: repository.comments.filter(({ issue }) => issue === number).length,
      changed_files: this.files(repository, commits).length,
    };
    return complete(schema, {
      ...{ number, title, body, state, draft, user: this.user(author), created_at: createdAt, url },
      ...{ id: number, html_url: this.#page(repository, 'pull', String(number)), updated_at: pull.updatedAt },
      ...{ closed_at: state === 'closed' ? pull.updatedAt : null, merged_at: mergedAt ?? null },
      ...{ merge_commit_sha: mergeSha ?? null, base: side(pull.base, base), head: side(pull.head, head) },
      ...{ labels: [], assignees: [], requested_reviewers: [], requested_teams: [] },
      _links: Object.fromEntries(links.map((part) => [part, link(part)])),
      ...(schema === 'pull-request' ? alone : {}),
    });
  }

  comment = (repository: Repository, { id, issue, body, author, createdAt, updatedAt }: Comment): Json =>
    complete('issue-comment', {
      ...{ id, body, user: this.user(author), created_at: createdAt, updated_at: updatedAt },
      url: `${this.#url(repository)}/issues/comments/${id}`,
      issue_url: `${this.#url(repository)}/issues/${issue}`,
      html_url: `${this.#page(repository, 'pull', String(issue))}#issuecomment-${id}`,
    });

  branch(repository: Repository, name: string): Json {
    const sha = repository.branches.get(name)!;
    return complete('branch-with-protection', {
      ...{ name, commit: this.commit(repository, repository.commits.get(sha)!), protected: false },
      _links: {
        html: this.#page(repository, 'tree', name),
        self: `${this.#url(repository)}/branches/${name}`,
      },
      protection: {},
    });
  }

  ref(repository: Repository, branch: string): Json {
    const sha = repository.branches.get(branch)!;
    const url = `${this.#url(repository)}/git`;
    return complete('git-ref', {
      ...{ ref: `refs/heads/${branch}`, node_id: sha, url: `${url}/refs/heads/${branch}` },
      object: { type: 'commit', sha, url: `${url}/commits/${sha}` },
    });
  }

  deployment(repository: Repository, deployment: Deployment): Json {
    const { id, sha, ref, task, environment, description, payload, creator, createdAt } = deployment;
    const url = `${this.#url(repository)}/deployments/${id}`;
    return complete('deployment', {
      ...{ id, sha, ref, task, environment, original_environment: environment, description, payload, url },
      ...{ creator: this.user(creator), created_at: createdAt, updated_at: createdAt },
      ...{ statuses_url: `${url}/statuses`, repository_url: this.#url(repository) },
      ...{ production_environment: deployment.production, transient_environment: deployment.transient },
    });
  }

  deploymentStatus(repository: Repository, deployment: Deployment, status: DeploymentStatus): Json {
    const { id, state, description, log_url, environment_url, creator, createdAt } = status;
    const url = `${this.#url(repository)}/deployments/${deployment.id}`;
    return complete('deployment-status', {
      ...{ id, state, description, environment: deployment.environment, log_url, environment_url },
      ...{ target_url: log_url, creator: this.user(creator), created_at: createdAt, updated_at: createdAt },
      ...{ url: `${url}/statuses/${id}`, deployment_url: url, repository_url: this.#url(repository) },
    });
  }

  commitStatus = (repository: Repository, status: CommitStatus): Json =>
    complete('status', {
      ...{ id: status.id, state: status.state, context: status.context, description: status.description },
      ...{ target_url: status.target_url, creator: this.user(status.creator), avatar_url: null },
      ...{ created_at: status.createdAt, updated_at: status.createdAt },
      url: `${this.#url(repository)}/statuses/${status.sha}`,
    });

  #url = ({ name }: Repository) => `${this.api}/repos/${name}`;
  #page = ({ name }: Repository, kind: string, what: string) => `${this.web}/${name}/${kind}/${what}`;
}

/** The same name has the same id. */
const idOf = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
