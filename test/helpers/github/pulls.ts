import { found, type Handlers, invalid, Refusal } from './handler.ts';
import type { Pull, Repository } from './repository.ts';

const pullOf = (repository: Repository, number: string): Pull =>
  found(repository.pulls.find((pull) => pull.number === Number(number)));

/** `owner:branch` and `branch` name the same within one repository. */
const branchOf = (head: string) => head.replace(/^[^:]+:/, '');

/** Pull requests and what is said about them. */
export const pullHandlers: Handlers = {
  'pulls/list': {
    needs: 'pull_requests=read',
    run({ repository, query, shapes }) {
      const { state = 'open', base, head } = query;
      const pulls = repository.pulls
        .filter((pull) => state === 'all' || pull.state === state)
        .filter((pull) => !base || pull.base === base)
        // GitHub ignores a `head` without the owner before it.
        .filter((pull) => !head?.includes(':') || pull.head === branchOf(head))
        .sort((a, b) => b.number - a.number);
      if (query.sort === 'updated') pulls.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
      if (query.direction === 'asc') pulls.reverse();
      return { status: 200, body: pulls.map((pull) => shapes.pull(repository, pull, 'pull-request-simple')) };
    },
  },
  'pulls/create': {
    needs: 'pull_requests=write',
    run({ repository, body, shapes, actor }) {
      const {
        title,
        base,
        body: text = '',
        draft = false,
      } = body as Record<string, string> & { draft?: boolean };
      const head = branchOf(String(body.head));
      if (!title)
        throw new Refusal(422, 'Validation Failed', [
          { resource: 'PullRequest', field: 'title', code: 'missing_field' },
        ]);
      const [from, to] = [repository.branches.get(head), repository.branches.get(base!)];
      if (!to) throw invalid('PullRequest', 'base');
      if (!from) throw invalid('PullRequest', 'head');
      if (repository.missing(to, from).length === 0)
        throw invalid('PullRequest', 'head', `No commits between ${base} and ${head}`);
      if (
        repository.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)
      ) {
        const [owner] = repository.name.split('/');
        throw invalid('PullRequest', 'head', `A pull request already exists for ${owner}:${head}.`);
      }
      const pull = repository.pull({ title, author: actor, head, base, body: text });
      pull.draft = draft;
      return { status: 201, body: shapes.pull(repository, pull, 'pull-request') };
    },
  },
  'pulls/get': {
    needs: 'pull_requests=read',
    run: ({ repository, path, shapes }) => ({
      status: 200,
      body: shapes.pull(repository, pullOf(repository, path.pull_number!), 'pull-request'),
    }),
  },
  'pulls/update': {
    needs: 'pull_requests=write',
    run({ repository, path, body, shapes }) {
      const pull = pullOf(repository, path.pull_number!);
      const { title, body: text, state, base } = body as Partial<Pull>;
      if (state === 'open' && pull.mergedAt)
        throw invalid(
          'PullRequest',
          'state',
          'state cannot be changed. The pull request cannot be reopened.',
        );
      if (text && text.length > 65_536)
        throw invalid('PullRequest', 'body', 'body is too long (maximum is 65536 characters)');
      if (state === 'closed') pull.headSha ??= repository.headOf(pull);
      Object.assign(pull, given({ title, body: text, state, base }), { updatedAt: repository.now() });
      return { status: 200, body: shapes.pull(repository, pull, 'pull-request') };
    },
  },
  'pulls/list-commits': {
    needs: 'pull_requests=read',
    run({ repository, path, shapes }) {
      const commits = commitsOf(repository, pullOf(repository, path.pull_number!));
      return { status: 200, body: commits.map((commit) => shapes.commit(repository, commit)) };
    },
  },
  'pulls/list-files': {
    needs: 'pull_requests=read',
    run({ repository, path, shapes }) {
      const commits = commitsOf(repository, pullOf(repository, path.pull_number!));
      return { status: 200, body: shapes.files(repository, commits) };
    },
  },
  'pulls/merge': {
    needs: 'contents=write',
    run({ repository, path, body, actor }) {
      const pull = pullOf(repository, path.pull_number!);
      const {
        sha,
        merge_method: method,
        commit_title: title,
        commit_message: message,
      } = body as Record<string, string>;
      if (pull.state !== 'open' || pull.draft || !pull.mergeable)
        throw new Refusal(405, 'Pull Request is not mergeable');
      if (sha && sha !== repository.headOf(pull))
        throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
      const merged = repository.merge(pull, actor, { method, title, message });
      return {
        status: 200,
        body: { sha: merged, merged: true, message: 'Pull Request successfully merged' },
      };
    },
  },
  'issues/list-comments': {
    needs: 'issues=read; pull_requests=read',
    run({ repository, path, shapes, query }) {
      const { number } = pullOf(repository, path.issue_number!);
      const comments = repository.comments
        .filter(({ issue }) => issue === number)
        .filter(({ updatedAt }) => !query.since || updatedAt >= query.since);
      return { status: 200, body: comments.map((comment) => shapes.comment(repository, comment)) };
    },
  },
  'issues/create-comment': {
    needs: 'issues=write; pull_requests=write',
    run({ repository, path, body, shapes, actor }) {
      const { number } = pullOf(repository, path.issue_number!);
      const [id, at] = [repository.nextId(), repository.now()];
      const comment = {
        id,
        issue: number,
        body: String(body.body),
        author: actor,
        createdAt: at,
        updatedAt: at,
      };
      repository.comments.push(comment);
      return { status: 201, body: shapes.comment(repository, comment) };
    },
  },
  'issues/update-comment': {
    needs: 'issues=write; pull_requests=write',
    run({ repository, path, body, shapes }) {
      const comment = found(repository.comments.find(({ id }) => id === Number(path.comment_id)));
      Object.assign(comment, { body: String(body.body), updatedAt: repository.now() });
      return { status: 200, body: shapes.comment(repository, comment) };
    },
  },
};

/** What it brings, or brought. */
function commitsOf(repository: Repository, pull: Pull) {
  const merge = pull.mergeSha && repository.commits.get(pull.mergeSha);
  const base = merge ? merge.parents[0]! : repository.branches.get(pull.base)!;
  return repository.missing(base, repository.headOf(pull));
}

const given = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
