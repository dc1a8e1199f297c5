import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { repository } from '../helpers/cli.ts';
import { removeQuickstart, startWorkspace, type Workspace } from '../helpers/quickstart.ts';
import { makeBalancer, missing, ownTests } from '../helpers/web-example.ts';

const example = join(repository, 'examples/tornado-mongodb');
const lacking = await missing(['tornado']);
const skipped = lacking && ` (skipped: ${lacking})`;

it.each([
  ['develop', 'notes-develop', 0],
  ['staging', 'notes-staging', 1],
  ['production', 'notes-production', 1],
  ['local', 'notes', 1],
])('the notes are well configured for environment %s', (environment, group, dumps) => {
  const { config } = loadProject({ directory: example, variables: {}, environment });
  expect(config.fleet!.name).toBe(group);
  expect(config.hooks.beforeRollout).toHaveLength(dumps);
});

it.skipIf(lacking !== '')(`the notes' own tests pass${skipped}`, async () => {
  const { code, stderr } = await ownTests(join(example, 'app'));
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Ran 7 tests/);
});

const support = await sandboxSupport(tmpdir());
const possible = support.ok && lacking === '';
const why = support.ok ? skipped : ` (skipped: ${support.sentence})`;

describe.skipIf(!possible).sequential(`the notes, rehearsed${why}`, () => {
  let workspace: Workspace;
  let balancer: Awaited<ReturnType<typeof makeBalancer>>;
  beforeAll(async () => {
    workspace = await startWorkspace('tornado', example);
    balancer = await makeBalancer(workspace);
    process.env.NOTES_SERVERS = balancer.id;
  }, 60_000);
  afterAll(async () => {
    delete process.env.NOTES_SERVERS;
    await removeQuickstart(workspace);
  });

  async function succeed(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await workspace.bake(...args, '--local', '-e', 'local');
    expect(code, `bake ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
  const answer = async () =>
    (await fetch(`http://${balancer.address}/health`).then((response) => response.text())) as string;

  it('answers behind the load balancer with the release that was baked', async () => {
    await succeed('build');
    await succeed('fleet', 'apply');
    await expect.poll(answer, { timeout: 30_000, interval: 200 }).toContain('"release": "1"');
  }, 90_000);

  it('gets the next release host by host, after a dump of the database', async () => {
    workspace.edit('app/notes/web.py', 'LONGEST = 10_000', 'LONGEST = 20_000');
    await succeed('build');
    await succeed('rollout');
    expect(await answer()).toContain('"release": "2"');
    expect(readdirSync(join(workspace.directory, '.bake/dumps'))).toEqual([
      expect.stringMatching(/^notes-local-before-2-.*\.archive\.gz$/),
    ]);
  }, 120_000);
});
