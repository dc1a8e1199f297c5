import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Github, openGithub } from '../../src/github/client.ts';
import { GithubError } from '../../src/github/errors.ts';
import { repositoryOf, repositoryOfUrl } from '../../src/github/repository.ts';
import { BakeError, Interrupted } from '../../src/run/errors.ts';
import { execute, temporaryDirectory } from '../helpers/cli.ts';
import type { Repository } from '../helpers/github/repository.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';

let server: GithubServer;
let shop: Repository;
let github: Github;

beforeAll(async () => {
  server = await startGithub();
});
afterAll(() => server.close());
beforeEach(() => {
  server.problems.length = 0;
  shop = server.repository('acme/shop');
  github = open(server.token);
});

const open = (token: string, apiUrl = server.url) => openGithub({ token, repository: 'acme/shop', apiUrl });
const failure = async (work: Promise<unknown>): Promise<GithubError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GithubError);
  return error as GithubError;
};

test('what bake asks GitHub, and what the server answers, is as GitHub describes it', async () => {
  const sha = shop.commit('main', { message: 'Add a cart', author: 'ada', files: ['cart.py'] });
  await github.request('POST /repos/{owner}/{repo}/git/refs', {
    ref: 'refs/heads/deployment/production',
    sha,
  });
  const feature = shop.pull({
    title: 'Pay',
    author: 'grace',
    head: 'pay',
    messages: ['Pay', 'Pay twice'],
    files: ['pay.py'],
  });
  shop.merge(feature, 'ada');
  const base = 'deployment/production';
  const compared = await github.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${base}...main`,
  });
  expect(compared).toMatchObject({ status: 'ahead', total_commits: 3, behind_by: 0 });
  const brought = compared.commits.map(({ sha: commit_sha }) =>
    github.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', { commit_sha }),
  );
  expect((await Promise.all(brought)).map(([pull]) => pull?.number)).toEqual([1, 1, 1]);
  const made = await github.request('POST /repos/{owner}/{repo}/pulls', {
    title: 'Release',
    head: 'main',
    base,
    body: '- [ ] Pay',
  });
  const pull_number = made.number;
  expect(made).toMatchObject({
    state: 'open',
    merged: false,
    mergeable: true,
    commits: 3,
    body: '- [ ] Pay',
  });
  const open = await github.all('GET /repos/{owner}/{repo}/pulls', { base, head: 'acme:main' });
  expect(open.map(({ number }) => number)).toEqual([pull_number]);
  await github.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number, body: '- [x] Pay' });
  expect(
    (await github.all('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', { pull_number })).length,
  ).toBe(3);
  const [file] = await github.all('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', { pull_number });
  expect(file?.filename).toBe('pay.py');
  const comment = await github.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: pull_number,
    body: '@grace?',
  });
  await github.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    comment_id: comment.id,
    body: '@grace!',
  });
  const comments = await github.all('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: pull_number,
  });
  expect(comments.map(({ body }) => body)).toEqual(['@grace!']);
  const pushed: string[] = [];
  shop.listeners.push((event) => pushed.push(event.event === 'push' ? event.branch : event.workflow));
  await github.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
    pull_number,
    sha: made.head.sha,
  });
  const merged = await github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number });
  expect(merged).toMatchObject({ merged: true, state: 'closed', body: '- [x] Pay' });
  const branch = await github.request('GET /repos/{owner}/{repo}/branches/{branch}', { branch: base });
  const ref = await github.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${base}` });
  expect([branch.commit.sha, ref.object.sha]).toEqual([merged.merge_commit_sha, merged.merge_commit_sha]);
  await github.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
    ref: 'heads/main',
    sha: branch.commit.sha,
  });
  await github.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
    workflow_id: 'bake.yml',
    ref: 'main',
  });
  expect(pushed).toEqual([base, 'main', 'bake.yml']);
  expect((await github.request('GET /repos/{owner}/{repo}')).default_branch).toBe('main');
  expect((await github.request('GET /users/{username}', { username: 'ada' })).login).toBe('ada');
  expect((await github.request('GET /user')).login).toBe('bake[bot]');
  const [newest] = await github.all('GET /repos/{owner}/{repo}/commits', { sha: base });
  expect(newest?.commit.message).toContain(`Merge pull request #${pull_number}`);
  expect(server.problems).toEqual([]);
});

test('deployments and statuses are as GitHub describes them; a success makes the one before inactive, except in production', async () => {
  const [sha, ids] = [shop.branches.get('main')!, [] as number[]];
  await github.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
    sha,
    state: 'failure',
    context: 'tests',
    description: 'no',
  });
  const blocked = await failure(github.request('POST /repos/{owner}/{repo}/deployments', { ref: 'main' }));
  expect(blocked.message).toContain('409 Conflict: Commit status checks failed for main.');
  for (const environment of ['staging', 'staging', 'production', 'production']) {
    const ours = { ref: sha, auto_merge: false, required_contexts: [], environment };
    const made = await github.request('POST /repos/{owner}/{repo}/deployments', ours);
    if (!('id' in made)) throw new Error('merged instead');
    const deployment_id = Number(made.id);
    ids.push(deployment_id);
    const status = { deployment_id, state: 'success' as const, log_url: 'https://ci.example.com/1' };
    await github.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', status);
  }
  const states = ids.map(async (deployment_id) => {
    const [newest] = await github.all('GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      deployment_id,
    });
    return newest?.state;
  });
  expect(await Promise.all(states)).toEqual(['inactive', 'success', 'success', 'success']);
  expect(await github.all('GET /repos/{owner}/{repo}/deployments', { environment: 'staging' })).toHaveLength(
    2,
  );
  expect(await github.all('GET /repos/{owner}/{repo}/commits/{ref}/statuses', { ref: 'main' })).toHaveLength(
    1,
  );
  expect(server.problems).toEqual([]);
});

test('a list is read to its last page', async () => {
  for (let n = 0; n < 7; n++) shop.commit('main', { message: `change ${n}` });
  const commits = await github.all('GET /repos/{owner}/{repo}/commits', { per_page: 3 });
  expect(commits).toHaveLength(8);
  expect(server.problems).toEqual([]);
});

test('what is asked against the description is a problem', async () => {
  const wrong = { title: 'x', head: 'main', base: 'main', labels: ['y'], draft: 'yes' as unknown as boolean };
  await expect(github.request('POST /repos/{owner}/{repo}/pulls', wrong)).rejects.toThrow('against GitHub');
  expect(server.problems).toEqual([
    'POST /repos/acme/shop/pulls: body labels is not described',
    'POST /repos/acme/shop/pulls: body/draft must be boolean {"type":"boolean"}',
  ]);
});

test('a token that GitHub does not know is said to be refused, with where to get one; it is in no message', async () => {
  const error = await failure(open('ghp_unknown').request('GET /user'));
  expect(error).toMatchObject({ status: 401, message: 'GitHub does not accept the token', exitCode: 1 });
  expect(error.hint).toContain('gh auth token');
  expect(JSON.stringify([error.message, error.hint, String(error.cause), error.cause])).not.toContain(
    'ghp_unknown',
  );
});

test('a permission that is missing is named as a workflow writes it', async () => {
  server.tokens.set('ghs_reader', { login: 'reader', permissions: { pull_requests: 'read' } });
  const error = await failure(
    open('ghs_reader').request('POST /repos/{owner}/{repo}/pulls', { head: 'a', base: 'main', title: 'A' }),
  );
  expect(error.message).toBe(
    'GitHub does not allow the token to POST /pulls of acme/shop (Resource not accessible by integration)',
  );
  expect(error.hint).toContain('`pull-requests: write`');
  // Some tokens are not told what is missing.
  server.fail('repos/create-deployment', { status: 403, message: 'Forbidden' });
  const untold = await failure(github.request('POST /repos/{owner}/{repo}/deployments', { ref: 'main' }));
  expect(untold.hint).toContain('`deployments: write`');
});

test('the rate limit says when to try again', async () => {
  const reset = String(Math.ceil(Date.now() / 1_000) + 120);
  const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  server.fail('users/get-authenticated', { status: 403, message: 'API rate limit exceeded', headers: used });
  const primary = await failure(github.request('GET /user'));
  expect(primary.message).toBe("GitHub's rate limit is used up (API rate limit exceeded)");
  expect(primary.retryAfter! / 1_000).toBeGreaterThan(100);
  expect(primary.hint).toMatch(/^Try again in (2 m|1 m \d+ s)/);
  server.fail('users/get-authenticated', {
    status: 429,
    message: 'slow down',
    headers: { 'retry-after': '7' },
  });
  expect((await failure(github.request('GET /user'))).retryAfter).toBe(7_000);
});

test('what reads is asked again while GitHub is out of order; what changes something is not', async () => {
  server.fail('users/get-authenticated', { status: 502, message: 'Bad Gateway' });
  expect((await github.request('GET /user')).login).toBe('bake[bot]');
  server.fail('git/create-ref', { status: 502, message: 'Bad Gateway' });
  const sha = shop.branches.get('main')!;
  const made = github.request('POST /repos/{owner}/{repo}/git/refs', { ref: 'refs/heads/a', sha });
  expect((await failure(made)).message).toBe('GitHub failed at POST /git/refs of acme/shop: 502 Bad Gateway');
  expect(shop.branches.has('a')).toBe(false);
});

test('the repository is the one that the environment names, else the one that origin is', async () => {
  const urls = [
    ['git@github.com:acme/shop.git', 'acme/shop'],
    ['https://github.com/acme/shop', 'acme/shop'],
    ['https://ann:token@github.example.com/acme/shop.git/', 'acme/shop'],
    ['ssh://git@github.example.com:2222/acme/my.shop', 'acme/my.shop'],
    ['/srv/git/shop.git', undefined],
    ['https://github.com/acme', undefined],
    [undefined, undefined],
  ] as const;
  for (const [url, repository] of urls) expect(repositoryOfUrl(url), url).toBe(repository);
  const directory = temporaryDirectory('origin');
  expect(await repositoryOf(directory, {})).toBeUndefined();
  await execute('git', ['init', '-q'], { cwd: directory });
  await execute('git', ['remote', 'add', 'origin', 'git@github.com:acme/shop.git'], { cwd: directory });
  expect(await repositoryOf(directory, { GITHUB_REPOSITORY: '' })).toBe('acme/shop');
  expect(await repositoryOf(directory, { GITHUB_REPOSITORY: 'acme/other' })).toBe('acme/other');
});

test('what is not there, and what GitHub refuses for its content, is said in its words', async () => {
  const missing = openGithub({ token: server.token, repository: 'acme/none', apiUrl: server.url });
  const nowhere = await failure(
    missing.request('GET /repos/{owner}/{repo}/branches/{branch}', { branch: 'main' }),
  );
  expect(nowhere).toMatchObject({ status: 404 });
  expect(nowhere.message).toBe('GitHub finds nothing for GET /branches/{branch} of acme/none');
  const same = { title: 'x', head: 'main', base: 'main' };
  const empty = await failure(github.request('POST /repos/{owner}/{repo}/pulls', same));
  expect(empty).toMatchObject({ status: 422 });
  expect(empty.message).toContain('Validation Failed; No commits between main and main');
});

test('GitHub that cannot be reached is said with its address; an interrupted run is interrupted', async () => {
  const gone = await startGithub();
  await gone.close();
  const nobody = await failure(open('t', gone.url).request('GET /user'));
  expect(nobody.message).toBe(`cannot reach GitHub at ${gone.url} (ECONNREFUSED)`);
  const signal = AbortSignal.abort();
  const stopped = openGithub({ token: 't', repository: 'acme/shop', apiUrl: server.url, signal });
  await expect(stopped.request('GET /user')).rejects.toBeInstanceOf(Interrupted);
  expect(nobody).toBeInstanceOf(BakeError);
});
