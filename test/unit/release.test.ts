import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGithub } from '../../src/github/client.ts';
import { mergeRelease } from '../../src/release/merge.ts';
import { openRelease } from '../../src/release/release.ts';
import { remindRelease } from '../../src/release/remind.ts';
import { releaseSite } from '../../src/release/site.ts';
import { systemClock } from '../../src/run/clock.ts';
import type { Repository } from '../helpers/github/repository.ts';
import { type GithubServer, startGithub } from '../helpers/github-server.ts';
import { testProject } from '../helpers/project.ts';

let server: GithubServer;
let shop: Repository;
beforeEach(async () => {
  server = await startGithub();
  shop = server.repository('acme/shop');
});
afterEach(async () => {
  expect(server.problems).toEqual([]);
  await server.close();
});

const INTO = 'deployment/production';
const site = () => {
  const github = openGithub({ token: server.token, repository: 'acme/shop', apiUrl: server.url });
  return { github, environment: 'production', from: 'main', into: INTO };
};
/** A pull request of somebody that is merged into main. */
function merged(title: string, author: string, method = 'merge') {
  const pull = shop.pull({ title, author, head: `branch-${title}`, messages: [`${title} 1`, `${title} 2`] });
  shop.merge(pull, 'leo', { method });
  return pull;
}
const branchBegins = () => shop.push(INTO, shop.branches.get('main')!, 'ada');
const keys = (changes: { key: string }[]) => changes.map(({ key }) => key);
const tickAll = (number: number) => {
  const pull = shop.pulls.find((one) => one.number === number)!;
  pull.body = pull.body!.replaceAll('- [ ]', '- [x]');
};

test('a release lists what main has more: pull requests however they were merged, and commits without one', async () => {
  branchBegins();
  const pulls = [merged('Till', 'mia'), merged('Stock', 'leo', 'squash'), merged('Price', 'mia', 'rebase')];
  const direct = shop.commit('main', { message: 'Mend the sign\n\nIt hung askew.', author: 'ada' });
  const stranger = shop.commit('main', { message: 'Sweep' });

  const opened = await openRelease(site());
  expect(opened.outcome).toBe('opened');
  expect(keys(opened.changes)).toEqual([...pulls.map(({ number }) => `#${number}`), direct, stranger]);
  expect(opened.open).toEqual(opened.changes);
  const [, , , release] = shop.pulls;
  expect(release).toMatchObject({ title: 'Release to production: 5 changes', head: 'main', base: INTO });
  const headings = release!.body!.match(/^### .*/gm);
  expect(headings).toEqual(['### @ada', '### @leo', '### @mia', '### Somebody']);
  expect(release!.body).toContain('Mend the sign\n');
});

test('a merge that no pull request stands for brings what came by it', async () => {
  branchBegins();
  const before = shop.branches.get('main')!;
  const aside = shop.pull({ title: 'Till', author: 'mia', head: 'till', messages: ['Till'] });
  shop.merge(aside, 'leo', { method: 'squash' });
  const side = shop.branches.get('main')!;
  shop.push('main', before, 'ada');
  const own = shop.commit('main', { message: 'Own', author: 'ada' });
  shop.commit('main', { message: "Merge branch 'side'", author: 'ada', parents: [own, side] });
  const { changes } = await openRelease(site());
  expect(keys(changes).sort()).toEqual([`#${aside.number}`, own].sort());
});

test('run again it is the same pull request: what came since is added, ticks and a title of somebody are kept', async () => {
  branchBegins();
  const till = merged('Till', 'mia');
  const first = await openRelease(site());
  tickAll(first.pull!.number);
  expect(await openRelease(site())).toMatchObject({ outcome: 'unchanged', open: [] });

  const stock = merged('Stock', 'leo');
  const second = await openRelease(site());
  expect(second).toMatchObject({ outcome: 'updated', pull: { number: first.pull!.number } });
  expect(keys(second.open)).toEqual([`#${stock.number}`]);
  expect(second.pull!.title).toBe('Release to production: 2 changes');
  expect(second.pull!.body).toContain(`- [x] [#${till.number}]`);

  shop.pulls.find(({ base }) => base === INTO)!.title = 'The big one';
  merged('Price', 'leo');
  expect((await openRelease(site())).pull!.title).toBe('The big one');
});

test("the environment's branch is made where it is missing: one change before main, or where it is told", async () => {
  const first = shop.branches.get('main')!;
  merged('Till', 'mia');
  const before = shop.branches.get('main')!;
  merged('Stock', 'leo');
  expect(await openRelease(site())).toMatchObject({
    outcome: 'opened',
    begun: before,
    changes: [{ title: 'Stock' }],
  });
  expect(shop.branches.get(INTO)).toBe(before);

  const staging = { ...site(), environment: 'staging', into: 'deployment/staging' };
  const sinceFirst = await openRelease(staging, { since: first.slice(0, 10) });
  expect(sinceFirst).toMatchObject({ begun: first, changes: [{ title: 'Till' }, { title: 'Stock' }] });
  await expect(openRelease({ ...staging, into: 'deployment/x' }, { since: 'v9' })).rejects.toMatchObject({
    message: 'there is no commit v9 in acme/shop',
    exitCode: 2,
  });
});

test('where main has nothing more there is nothing to release, and no pull request', async () => {
  branchBegins();
  expect(await openRelease(site())).toMatchObject({ outcome: 'nothing', changes: [], pull: undefined });
  expect(await mergeRelease(site(), { clock: systemClock })).toMatchObject({ outcome: 'nothing' });
  expect(shop.pulls).toEqual([]);
});

test('of two who release at the same moment both have the same pull request', async () => {
  merged('Till', 'mia');
  const both = await Promise.all([openRelease(site()), openRelease(site())]);
  expect(both[0].pull!.number).toBe(both[1].pull!.number);
  expect(shop.pulls.filter(({ base }) => base === INTO)).toHaveLength(1);
});

test('a hundred and twenty commits are asked for in pages, and each pull request is listed once', async () => {
  branchBegins();
  const pull = shop.pull({
    ...{ title: 'Long', author: 'mia', head: 'long' },
    messages: Array.from({ length: 120 }, (_, n) => `Step ${n}`),
  });
  shop.merge(pull, 'leo', { method: 'rebase' });
  expect(keys((await openRelease(site())).changes)).toEqual([`#${pull.number}`]);
});

test('merging needs every box ticked, or to be told otherwise; it is a merge commit of what the boxes list', async () => {
  branchBegins();
  merged('Till', 'mia');
  const opened = await openRelease(site());
  await expect(mergeRelease(site(), { clock: systemClock })).rejects.toMatchObject({
    message: `#${opened.pull!.number} has 1 open box of 1`,
    details: [expect.stringMatching(/^#\d+ Till \(mia\)$/)],
  });
  tickAll(opened.pull!.number);
  const done = await mergeRelease(site(), { clock: systemClock });
  const commit = shop.commits.get(shop.branches.get(INTO)!)!;
  expect(done).toMatchObject({ outcome: 'merged', merged: commit.sha });
  expect(commit.parents[1]).toBe(shop.branches.get('main'));

  merged('Stock', 'leo');
  const next = await mergeRelease(site(), { unticked: true, clock: systemClock });
  expect(next).toMatchObject({ outcome: 'merged', changes: [{ title: 'Stock' }] });
});

test('what GitHub does not merge is said: changed meanwhile, conflicts, a missing review', async () => {
  branchBegins();
  merged('Till', 'mia');
  const { pull } = await openRelease(site());
  const merge = () => mergeRelease(site(), { unticked: true, clock: systemClock });
  server.fail('pulls/merge', {
    status: 409,
    message: 'Head branch was modified. Review and try the merge again.',
  });
  await expect(merge()).rejects.toThrow(
    `main has changed while #${pull!.number} was merged: nothing was merged`,
  );
  server.fail('pulls/merge', { status: 405, message: 'At least 1 approving review is required' });
  await expect(merge()).rejects.toMatchObject({
    message: `GitHub does not merge #${pull!.number}`,
    details: [expect.stringContaining('At least 1 approving review is required')],
  });
  shop.pulls.at(-1)!.mergeable = false;
  await expect(merge()).rejects.toThrow(`#${pull!.number} has conflicts with ${INTO}`);
});

test('authors of open boxes are asked by name, two hours after they were asked before, give or take a late schedule', async () => {
  branchBegins();
  const till = merged('Till', 'mia');
  merged('Stock', 'leo');
  merged('Bump', 'renovate[bot]');
  const { pull } = await openRelease(site());
  const every = 7_200_000;
  const due = every - 600_000;
  const at = (ms: number) => ({ every, clock: { ...systemClock, now: () => ms } });

  const early = await remindRelease(site(), at(pull!.createdAt + due - 1));
  expect(early).toMatchObject({ outcome: 'early', next: pull!.createdAt + due });
  shop.pulls.at(-1)!.body = shop.pulls
    .at(-1)!
    .body!.replace(`- [ ] [#${till.number}]`, `- [x] [#${till.number}]`);
  expect(await remindRelease(site(), at(pull!.createdAt + due))).toMatchObject({ outcome: 'asked' });
  const [comment] = shop.comments;
  expect(comment!.body).toMatch(/- @leo: \[#\d+\]\(.*\) Stock\n- renovate\[bot\] \(cannot be asked here\)/);
  expect(comment!.body).not.toContain('mia');
  const again = await remindRelease(site(), at(Date.parse(comment!.createdAt) + due - 1));
  expect(again.outcome).toBe('early');

  tickAll(pull!.number);
  expect((await remindRelease(site(), at(Date.now()))).outcome).toBe('nothing');
  expect(shop.comments).toHaveLength(1);
});

test('where there are several environments one has to be named', () => {
  const { github } = site();
  const project = { ...testProject(), environments: ['staging', 'production'] };
  expect(() => releaseSite(github, project)).toThrow(
    'release to which environment? There is staging, production',
  );
  expect(releaseSite(github, { ...project, environment: 'staging' }).into).toBe('deployment/staging');
  const named = testProject({ release: { from: 'trunk', branch: 'live' } });
  expect(releaseSite(github, { ...named, environments: ['staging'] })).toMatchObject({
    from: 'trunk',
    into: 'live',
  });
});
