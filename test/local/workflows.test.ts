import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCloud } from '../../src/clouds/open.ts';
import { repository } from '../helpers/cli.ts';
import { addCopiedRelease, BASE } from '../helpers/copied-release.ts';
import type { WorkflowRun } from '../helpers/workflow/actions.ts';
import { startTeam, type Team } from '../helpers/workflow/team.ts';

/** A fleet of one whose application is a file, and well unless the file says otherwise. */
const CONFIG = `project: testing
region: eu-central-1
branches: { main: production }
image:
  base: { ssmParameter: ${BASE} }
  builder: { instanceProfile: builder }
  keep: 1
  layers:
    - name: application
      provisioners: [{ upload: app, to: /opt/shop }]
fleet:
  name: shop
  instanceProfile: shop
  size: { min: 1, max: 4, desired: 1 }
  warmup: 1s
  healthCheck: { gracePeriod: 1s }
rollout:
  maxHealthyPercentage: 200
  blueGreen: { traffic: queue, hold: 1h, retire: later, duringHold: retire }
smoke:
  commands: [{ run: '! grep broken /opt/shop/state', timeout: 1s }]
notify: { local: true }
environments:
  production: { tags: { stage: '\${env.STAGE}' } }
`;
const BAKE = '.github/workflows/bake.yml';
const OWN = '.github/workflows/own.yml';
/** A team's own workflow: calls bake's, and uses bake's action. */
const OWN_WORKFLOW = `on:
  workflow_dispatch: { inputs: { image: { type: string } } }
permissions: { contents: read, id-token: write, deployments: write, statuses: write }
jobs:
  deploy:
    uses: ./.github/workflows/bake.yml
    with: { environment: production, image_id: '\${{ inputs.image }}' }
    secrets: inherit
  test:
    needs: deploy
    runs-on: ubuntu-latest
    environment: production
    env: { STAGE: live }
    outputs:
      told: '\${{ steps.bake.outputs.environment }} \${{ needs.deploy.outputs.outcome }} \${{ needs.deploy.outputs.release }}'
    steps:
      - uses: actions/checkout@v5
      - id: bake
        uses: bake-images/bake@v0.1
        with: { command: smoke, role: '\${{ vars.AWS_ROLE }}', region: '\${{ vars.AWS_REGION }}' }
`;

let team: Team;
/** The image of release 1. */
let first: string;

beforeAll(async () => {
  const files = { 'bake.yaml': CONFIG, 'app/state': 'first\n', [OWN]: OWN_WORKFLOW };
  const actions = { 'bake-images/bake': repository };
  const vars = { BAKE_REMIND: 'production' };
  const variables = { STAGE: 'live' };
  team = await startTeam('workflows', files, { environment: 'production', actions, vars, variables });
  const { credentials, endpoint, region } = team.cloud;
  const cloud = await openCloud({ kind: 'aws', region, endpoint, credentials, local: true });
  await addCopiedRelease(cloud, '0');
  first = await addCopiedRelease(cloud, '1');
  cloud.close();
  const applied = await team.bake('fleet', 'apply', '-e', 'production');
  expect(applied.code, applied.stderr + applied.stdout).toBe(0);
});
afterAll(() => team?.close());

const dispatch = (file: string, inputs: Record<string, string | boolean>) =>
  team.actions.run(`.github/workflows/${file}`, { name: 'workflow_dispatch', branch: 'main', inputs });

function expectEnd(run: WorkflowRun | undefined, conclusion: string): WorkflowRun {
  expect(run?.conclusion, run?.log).toBe(conclusion);
  return run!;
}

/** What bake says that every instance of the group in front runs. */
async function running(): Promise<string | undefined> {
  const { stdout } = await team.bake('status', '-e', 'production', '--json');
  return /"headline":"([^"]*)"/.exec(stdout)?.[1];
}

const filesIn = (directory: string | undefined): string[] =>
  readdirSync(directory ?? '', { recursive: true })
    .map(String)
    .sort();

/** How the deployments on GitHub stand, the oldest first. */
const deployments = () => team.hosted.deployments.map(({ statuses }) => statuses.at(-1)?.state);

describe('the workflows that users copy, run as they are,', () => {
  it('bake and roll out what is pushed, under the shipped policies, and tell it', async () => {
    const run = expectEnd(await team.push(BAKE, 'main', { 'app/state': 'second\n' }), 'success');
    const { build, rollout } = run.jobs;
    expect(build?.outputs).toMatchObject({ environment: 'production', release: '2' });
    expect(rollout).toMatchObject({
      environment: 'production',
      outputs: { outcome: 'succeeded', release: '2', strategy: 'rolling' },
    });
    expect(rollout?.steps.find(({ name }) => name === 'Roll out')?.outputs).toMatchObject({
      release: '2',
      image_id: build?.outputs.image_id,
      strategy: 'rolling',
    });
    expect(build?.summary).toContain('release 2 is image ami-');
    expect(rollout?.summary).toContain('release 2 runs on 1 instance of shop');
    expect(filesIn(run.artifacts.get('bake-build-production'))).toEqual([
      'manifest.json',
      'runs',
      expect.stringMatching(/^runs\/.*\.html$/),
      'sbom.cdx.json',
    ]);
    const pages = run.artifacts.get('bake-rollout-production')!;
    const [page = ''] = filesIn(pages);
    expect(readFileSync(join(pages, page), 'utf8')).toContain('release 2 runs on 1 instance of shop');
    expect(deployments()).toEqual(['success']);
    expect(run.log).not.toMatch(/::add-mask::|ghs_job/);
  });

  it('do nothing for a change of documents alone, nor for another branch', async () => {
    expect(await team.push(BAKE, 'main', { 'docs/more.html': '', 'README.md': '' })).toBeUndefined();
    expect(await team.push(BAKE, 'feature', { 'app/state': 'third\n' })).toBeUndefined();
  });

  it('fail the job when a smoke test fails, and leave the fleet on the old release', async () => {
    const run = expectEnd(await team.push(BAKE, 'main', { 'app/state': 'broken\n' }), 'failure');
    const { build, rollout } = run.jobs;
    expect([build?.result, rollout?.result]).toEqual(['success', 'failure']);
    expect(rollout?.outputs).toMatchObject({ outcome: 'rolled-back', release: '3' });
    const [annotation] = rollout?.annotations ?? [];
    expect(annotation).toMatch(
      /^::error .*release 3 .* was rolled back: the last smoke test: .*exit code 1: broken/,
    );
    expect(rollout?.summary).toMatch(/❌.*grep broken/);
    expect(filesIn(run.artifacts.get('bake-rollout-production'))).toEqual([expect.stringMatching(/\.html$/)]);
    expect(await running()).toBe('shop: 1 of 1 instance in service (release 2)');
    expect(deployments()).toEqual(['success', 'failure']);
  });

  it('bring an image that is there, in a second colour, by dispatch', async () => {
    const run = expectEnd(await dispatch('bake.yml', { strategy: 'blue-green', image_id: first }), 'success');
    expect(run.jobs.build?.steps.find(({ name }) => name === 'Bake')?.outcome).toBe('skipped');
    expect(run.log).toMatch(/in front: shop → shop-green/);
    expect(await running()).toBe('shop-green: 1 of 1 instance in service (release 1)');
  });

  it.each([
    ['rollback', /\(release 2\)/],
    ['emergency-cutover', /shop-green is in front with release 1/],
    ['cutover', /shop is in front with release 2/],
  ])('go to the other colour by dispatch: %s', async (action, said) => {
    const inputs = { action, environment: 'production', take_over: action === 'emergency-cutover' };
    const run = expectEnd(await dispatch('cutover.yml', inputs), 'success');
    expect(run.log).toMatch(said);
    expect(run.jobs.cutover?.environment).toBe('production');
  });

  it('remove every night, for each environment, what nothing uses', async () => {
    const run = expectEnd(
      await team.actions.run('.github/workflows/gc.yml', { name: 'schedule', branch: 'main' }),
      'success',
    );
    expect(Object.keys(run.jobs)).toEqual(['project', 'gc (production)']);
    expect(run.log).toMatch(/removed 1 image\n {2}image ami-\w+ \(testing-0\)/);
  });

  it('open the pull request of a release by dispatch, and ask for its boxes on a schedule', async () => {
    const opened = expectEnd(await dispatch('release.yml', { environment: 'production' }), 'success');
    const [pull] = team.hosted.pulls;
    expect([pull?.head, pull?.base], opened.log).toEqual(['main', 'deployment/production']);
    const asked = await team.actions.run('.github/workflows/release.yml', {
      name: 'schedule',
      branch: 'main',
    });
    expectEnd(asked, 'success');
    expect(team.hosted.comments.map(({ issue, author }) => [issue, author])).toEqual([
      [pull?.number, 'github-actions[bot]'],
    ]);
  });

  it("are called by a team's own, in which bake's action runs any command", async () => {
    const run = expectEnd(await dispatch('own.yml', { image: first }), 'success');
    expect(Object.keys(run.jobs)).toEqual(['deploy / build', 'deploy / rollout', 'test']);
    expect(run.jobs.test?.outputs.told).toBe('production succeeded 1');
    expect(run.log).toMatch(/grep broken .* went well/);
    expect(team.github.problems).toEqual([]);
  });
});
