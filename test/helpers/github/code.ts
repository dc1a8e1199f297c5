import { found, type Handlers, invalid, notFound, Refusal } from './handler.ts';
import type { Commit, Repository } from './repository.ts';

const branchOf = (ref: string) => ref.replace(/^(refs\/)?heads\//, '');

/** Who somebody is, and what is in a repository. */
export const codeHandlers: Handlers = {
  'users/get-authenticated': {
    run: ({ actor, shapes }) => ({ status: 200, body: shapes.user(actor, 'public-user') }),
  },
  'users/get-by-username': {
    run: ({ path, shapes }) => ({ status: 200, body: shapes.user(path.username!, 'public-user') }),
  },
  'repos/get': {
    needs: 'metadata=read',
    run: ({ repository, shapes }) => ({
      status: 200,
      body: shapes.repository(repository, 'full-repository'),
    }),
  },
  'repos/get-branch': {
    needs: 'contents=read',
    run({ repository, path, shapes }) {
      if (!repository.branches.has(path.branch!)) throw new Refusal(404, 'Branch not found');
      return { status: 200, body: shapes.branch(repository, path.branch!) };
    },
  },
  'git/get-ref': {
    needs: 'contents=read',
    run({ repository, path, shapes }) {
      const branch = branchOf(path.ref!);
      if (!path.ref!.startsWith('heads/') || !repository.branches.has(branch)) throw notFound();
      return { status: 200, body: shapes.ref(repository, branch) };
    },
  },
  'git/create-ref': {
    needs: 'contents=write',
    run({ repository, body, shapes, actor }) {
      const { ref, sha } = body as { ref: string; sha: string };
      const branch = branchOf(ref);
      if (!ref.startsWith('refs/heads/')) throw new Refusal(422, 'Reference name must start with refs/');
      if (repository.branches.has(branch)) throw new Refusal(422, 'Reference already exists');
      if (!repository.commits.has(sha)) throw new Refusal(422, 'Object does not exist');
      // git keeps `a/b` in a directory `a`, which cannot be a file too.
      const nested = [...repository.branches.keys()].some(
        (other) => other.startsWith(`${branch}/`) || branch.startsWith(`${other}/`),
      );
      if (nested) throw new Refusal(422, 'Reference update failed');
      repository.push(branch, sha, actor);
      return { status: 201, body: shapes.ref(repository, branch) };
    },
  },
  'git/update-ref': {
    needs: 'contents=write',
    run({ repository, path, body, shapes, actor }) {
      const { sha, force = false } = body as { sha: string; force?: boolean };
      const branch = branchOf(path.ref!);
      const now = repository.branches.get(branch);
      if (now === undefined) throw new Refusal(422, 'Reference does not exist');
      if (!repository.commits.has(sha)) throw new Refusal(422, 'Object does not exist');
      if (!force && repository.missing(sha, now).length > 0)
        throw new Refusal(422, 'Update is not a fast forward');
      repository.push(branch, sha, actor);
      return { status: 200, body: shapes.ref(repository, branch) };
    },
  },
  'repos/compare-commits-with-basehead': {
    needs: 'contents=read',
    run({ repository, path, query, shapes }) {
      const [from = '', to = ''] = path.basehead!.split('...');
      const base = found(repository.resolve(from));
      const head = found(repository.resolve(to));
      const ahead = repository.missing(base, head);
      const behind = repository.missing(head, base);
      const commit = (one: Commit) => shapes.commit(repository, one);
      const status =
        ahead.length > 0
          ? behind.length > 0
            ? 'diverged'
            : 'ahead'
          : behind.length > 0
            ? 'behind'
            : 'identical';
      const page = Number(query.page ?? 1);
      const size = Number(query.per_page ?? 250);
      const url = `${shapes.api}/repos/${repository.name}/compare/${path.basehead}`;
      const web = `${shapes.web}/${repository.name}/compare/${path.basehead}`;
      return {
        status: 200,
        body: {
          ...{
            url,
            html_url: web,
            permalink_url: web,
            diff_url: `${web}.diff`,
            patch_url: `${web}.patch`,
            status,
          },
          ...{ ahead_by: ahead.length, behind_by: behind.length, total_commits: ahead.length },
          base_commit: commit(repository.commits.get(base)!),
          merge_base_commit: commit(repository.mergeBase(base, head)!),
          commits: ahead.slice((page - 1) * size, page * size).map(commit),
          // GitHub gives the files with the first page only.
          files: page === 1 ? shapes.files(repository, ahead) : [],
        },
      };
    },
  },
  'repos/list-commits': {
    needs: 'contents=read',
    run({ repository, query, shapes }) {
      const tip = found(repository.resolve(query.sha ?? repository.defaultBranch));
      const commits = repository
        .history(tip)
        .filter(({ author }) => !query.author || author === query.author);
      return { status: 200, body: commits.map((one) => shapes.commit(repository, one)) };
    },
  },
  'repos/list-pull-requests-associated-with-commit': {
    needs: 'pull_requests=read',
    run({ repository, path, shapes }) {
      const pulls = repository.pullsOf(path.commit_sha!);
      return { status: 200, body: pulls.map((pull) => shapes.pull(repository, pull, 'pull-request-simple')) };
    },
  },
  'repos/list-commit-statuses-for-ref': {
    needs: 'statuses=read',
    run({ repository, path, shapes }) {
      const sha = repository.resolve(path.ref!);
      const statuses = repository.statuses.filter((status) => status.sha === sha).reverse();
      return { status: 200, body: statuses.map((status) => shapes.commitStatus(repository, status)) };
    },
  },
  'repos/create-commit-status': {
    needs: 'statuses=write',
    run({ repository, path, body, shapes, actor }) {
      const sha = path.sha!;
      if (!repository.commits.has(sha)) throw new Refusal(422, `No commit found for SHA: ${sha}`);
      const {
        state,
        context = 'default',
        description = null,
        target_url = null,
      } = body as Record<string, string>;
      if ((description ?? '').length > 140)
        throw invalid('Status', 'description', 'description is too long (maximum is 140 characters)');
      const [id, createdAt] = [repository.nextId(), repository.now()];
      const status = { id, sha, state: state!, context, description, target_url, creator: actor, createdAt };
      repository.statuses.push(status);
      return { status: 201, body: shapes.commitStatus(repository, status) };
    },
  },
  'actions/create-workflow-dispatch': {
    needs: 'actions=write',
    run({ repository, path, body, actor }) {
      const { ref, inputs = {} } = body as { ref: string; inputs?: Record<string, unknown> };
      const workflow = path.workflow_id!;
      if (!repository.workflows.includes(workflow)) throw notFound();
      if (repository.resolve(ref) === undefined) throw new Refusal(422, `No ref found for: ${ref}`);
      const texts = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
      repository.tell({ event: 'workflow_dispatch', workflow, ref: branchOf(ref), inputs: texts, actor });
      return { status: 204 };
    },
  },
};

/** The newest state of every check of a commit. */
export const contextsOf = (repository: Repository, sha: string): Map<string, string> =>
  new Map(
    repository.statuses.filter((status) => status.sha === sha).map(({ context, state }) => [context, state]),
  );
