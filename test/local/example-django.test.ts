import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { repository } from '../helpers/cli.ts';
import { HttpLoad } from '../helpers/http-load.ts';
import { removeQuickstart, startWorkspace, type Workspace } from '../helpers/quickstart.ts';
import { makeBalancer, missing, ownTests } from '../helpers/web-example.ts';

const example = join(repository, 'examples/django-nginx');
const lacking = await missing(['django'], ['gunicorn', 'nginx']);
const skipped = lacking && ` (skipped: ${lacking})`;

it.each([
  [undefined, 'guestbook'],
  ['staging', 'guestbook-staging'],
  ['local', 'guestbook'],
])('the guestbook is well configured for environment %s', (environment, group) => {
  const { config } = loadProject({ directory: example, variables: {}, environment });
  expect(config.fleet!.name).toBe(group);
  const { pairs } = config.rollout.blueGreen;
  expect(pairs).toEqual([
    { blue: `rsp-guestbook:8080@${group}`, green: `rsp-guestbook:8080@${group}-green` },
  ]);
});

it.skipIf(lacking !== '')(`the guestbook's own tests pass${skipped}`, async () => {
  const { code, stderr } = await ownTests(join(example, 'site'));
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Ran 7 tests/);
});

const support = await sandboxSupport(tmpdir());
const possible = support.ok && lacking === '';
const why = support.ok ? skipped : ` (skipped: ${support.sentence})`;

describe.skipIf(!possible).sequential(`the guestbook, rehearsed${why}`, () => {
  let workspace: Workspace;
  let balancer: Awaited<ReturnType<typeof makeBalancer>>;
  let load: HttpLoad | undefined;
  beforeAll(async () => {
    workspace = await startWorkspace('django', example);
    balancer = await makeBalancer(workspace);
    process.env.GUESTBOOK_SERVERS = balancer.id;
  }, 60_000);
  afterAll(async () => {
    await load?.stop();
    delete process.env.GUESTBOOK_SERVERS;
    await removeQuickstart(workspace);
  });

  async function succeed(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await workspace.bake(...args, '--local', '-e', 'local');
    expect(code, `bake ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
  const answer = async () =>
    (await fetch(`http://${balancer.address}/health`).then((response) => response.text())) as string;

  it('answers behind Nginx and the load balancer with the release that was baked', async () => {
    await succeed('build');
    await succeed('fleet', 'apply');
    await expect.poll(answer, { timeout: 30_000, interval: 200 }).toContain('"release": "1"');
  }, 90_000);

  it('moves requests to the other colour by weight, and none fails', async () => {
    workspace.edit('site/guestbook/views.py', '"entries": entries}', '"entries": entries, "new": True}');
    await succeed('build');
    load = new HttpLoad({ endpoint: `http://${balancer.address}`, clients: 2, paths: ['/health'] });
    await succeed('rollout');
    const both = { 1: expect.any(Number), 2: expect.any(Number) };
    expect(await load.stop()).toEqual({ answered: both, failed: {} });
    expect(await answer()).toContain('"release": "2"');
  }, 120_000);
});
