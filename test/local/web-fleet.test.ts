import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';
import { repository } from '../helpers/cli.ts';
import { HttpLoad, type Seen } from '../helpers/http-load.ts';
import { removeQuickstart, startWorkspace, type Workspace } from '../helpers/quickstart.ts';

const support = await sandboxSupport(tmpdir());
const skipped = support.ok ? '' : ` (skipped: ${support.sentence})`;

/** Most are quick; some are under way for longer than a switch takes. */
const PATHS = ['/?takes=20', '/?takes=50', '/?takes=50', '/?takes=1000'];

/** In one target group; or each in its own, by weights, in two steps. */
const ROUTES: [string, string][] = [
  ['in one target group', ''],
  [
    'in a target group each',
    '\n    pairs: [{ blue: web, green: web-green }]\n    steps: [20, 100]\n    stepDelay: 2s',
  ],
];

describe.skipIf(!support.ok).each(ROUTES)(
  `requests to real web servers of two colours %s${skipped}:`,
  (_, settings) => {
    let workspace: Workspace;
    let balancer: Balancer;
    let cloud: Cloud;
    let load: HttpLoad;

    beforeAll(async () => {
      workspace = await startWorkspace('web-fleet', join(repository, 'test/fixtures/web-fleet'));
      workspace.edit('bake.yaml', 'retire: later', `retire: later${settings}`);
      const { endpoint, region, accessKeyId, secretAccessKey } = workspace.cloud;
      const credentials = { accessKeyId, secretAccessKey };
      cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
      const client = { endpoint, region, credentials, maxAttempts: 3 };
      balancer = await makeBalancer({ client }, ['web', 'web-green'], { port: 8_080 });
    }, 60_000);
    afterAll(async () => {
      await load?.stop();
      balancer?.close();
      cloud?.close();
      await removeQuickstart(workspace);
    });

    async function succeed(...args: string[]): Promise<string> {
      const ended = await workspace.bake(...args, '--local');
      expect(ended.code, `bake ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
      return ended.stdout;
    }

    /** So many more answers: then every client has seen what is now. */
    async function answersLater(count: number): Promise<void> {
      const enough = load.count + count;
      await expect.poll(() => load.count, { timeout: 60_000, interval: 50 }).toBeGreaterThan(enough);
    }

    /** What clients see from the beginning of some work until what it has left under way has ended; and what they see then. */
    async function during(work: () => Promise<unknown>): Promise<{ meanwhile: Seen; afterwards: Seen }> {
      load.take();
      await work();
      await answersLater(80);
      const meanwhile = load.take();
      await answersLater(40);
      return { meanwhile, afterwards: load.take() };
    }

    test('a fleet of release 1 answers them', async () => {
      await succeed('build');
      await succeed('fleet', 'apply');
      const { arn, endpoints } = (await cloud.traffic.find('web'))!;
      const healthy = async () =>
        (await cloud.traffic.targets(arn)).filter(({ state }) => state === 'healthy').length;
      await expect.poll(healthy, { timeout: 60_000, interval: 200 }).toBe(2);
      load = new HttpLoad({ endpoint: endpoints[0]!, clients: 8, paths: PATHS });
      await answersLater(40);
      expect(load.take()).toEqual({ answered: { 1: expect.any(Number) }, failed: {} });
    }, 120_000);

    test('none fails in a rollout', async () => {
      workspace.edit('web/server.mjs', "'well\\n'", "'very well\\n'");
      await succeed('build');
      const { meanwhile, afterwards } = await during(() => succeed('rollout'));
      expect(meanwhile).toEqual({ answered: { 1: expect.any(Number), 2: expect.any(Number) }, failed: {} });
      expect(afterwards).toEqual({ answered: { 2: expect.any(Number) }, failed: {} });
    }, 240_000);

    test('none fails in a planned cutover', async () => {
      const { meanwhile, afterwards } = await during(() => succeed('cutover', '--yes'));
      expect(meanwhile.failed).toEqual({});
      expect(afterwards).toEqual({ answered: { 1: expect.any(Number) }, failed: {} });
    }, 240_000);

    test('none fails in a rollback', async () => {
      const { meanwhile, afterwards } = await during(() => succeed('rollback', '--to', '2', '--yes'));
      expect(meanwhile.failed).toEqual({});
      expect(afterwards).toEqual({ answered: { 2: expect.any(Number) }, failed: {} });
    }, 240_000);

    test('in an emergency those fail that are answered wrong until the other colour is in front', async () => {
      await breakFront();
      load.take();
      await expect.poll(() => Object.keys(load.take().failed), { timeout: 30_000 }).toEqual(['500']);
      const began = performance.now();
      const { meanwhile, afterwards } = await during(() => succeed('cutover', '--emergency', '--yes'));
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      console.log(`emergency cutover, seen by clients: ${JSON.stringify({ seconds, ...meanwhile })}`);
      expect(Object.keys(meanwhile.failed)).toEqual(['500']);
      expect(afterwards).toEqual({ answered: { 1: expect.any(Number) }, failed: {} });
    }, 240_000);

    /** Whatever serves now answers every request with an error, and looks well to the load balancer. */
    async function breakFront(): Promise<void> {
      const groups = await cloud.groups.findAll(['web', 'web-green']);
      const front = groups.find(({ tags }) => tags['bake:colour'] === 'front')!;
      for (const { id } of front.instances) {
        const command = await cloud.commands.send(id, 'touch /run/web-broken', { timeout: 60_000 });
        const state = async () => (await cloud.commands.result(id, command)).state;
        await expect.poll(state, { timeout: 30_000, interval: 100 }).toBe('success');
      }
    }
  },
);
