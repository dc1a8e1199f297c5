import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openCloud } from '../../src/clouds/open.ts';
import type { Project } from '../../src/config/schema.ts';
import { forgetDecisions, recordedDecisions } from '../../src/localcloud/engine/iam/enforcement.ts';
import { type PlanOptions, planRollout } from '../../src/rollout/plan/read.ts';
import { planHeadline, planLines } from '../../src/rollout/plan/text.ts';
import { blueGreenProject } from '../helpers/blue-green-world.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { failure } from '../helpers/failure.ts';
import { keyUnder } from '../helpers/own-paths.ts';
import { shippedPolicy } from '../helpers/policies.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
afterEach(() => world.close());

/** A fleet of release 1, whose user data has a secret, and an image of release 2. */
async function start(options: Parameters<typeof RolloutWorld.start>[0] = {}): Promise<Project> {
  world = await RolloutWorld.start(options);
  const project = world.project();
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  return project;
}

const plan = (project: Project, options: PlanOptions = {}) =>
  planRollout(world.run(), world.cloud, project, options);

const looksOnly = (action: string) => /:(Describe|Get|List|Filter|Lookup)/.test(action);

const READER = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Look',
      Effect: 'Allow',
      Action: [
        'ec2:Describe*',
        'autoscaling:Describe*',
        'sqs:Get*',
        'ssm:Get*',
        'cloudwatch:Describe*',
        'elasticloadbalancing:Describe*',
        'logs:*',
      ],
      Resource: '*',
    },
  ],
};

describe('a plan of a rollout', () => {
  it('says what changes, what it takes and how long, and changes nothing in the cloud', async () => {
    const project = await start();
    const { store } = world.local.engine;
    const before = store.version;
    const found = await plan(project);
    expect(store.version).toBe(before);
    expect(found).toMatchObject({
      strategy: 'rolling',
      group: 'workers',
      release: '2',
      version: undefined,
      previous: { release: '1', version: 1 },
      nothing: false,
      capacity: { desired: 3, toReplace: 3, batch: 1, batches: 3, launchesFirst: true, least: 3, most: 4 },
    });
    expect(found.template.fields.join('\n')).toMatch(/^image ami-\w+ → ami-\w+\ntag bake:release 1 → 2$/);
    const text = planLines(found).join('\n');
    expect(text).toContain('launch template: a new version from version 1');
    expect(text).toContain('3 to replace, 1 at a time in 3 batches, launching before terminating');
    expect(text).toContain('checkpoint at 33 %');
    expect(text).toContain('through queue jobs');
    expect(text).toContain('✓ ec2:RunInstances, to launch instances by the launch template: yes (dry run)');
    expect(planHeadline(found)).toMatch(/^release 2 would replace 3 instances of workers, in about \d/);
  });

  it('shows the user data line by line, with secrets masked', async () => {
    const directory = temporaryDirectory('plan');
    world = await RolloutWorld.start();
    const project = world.project({ directory, fleet: { userData: 'user-data.sh' } });
    const write = (text: string) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'user-data.sh'), text);
    };
    write('#!/bin/sh\nDB_PASSWORD=correct-horse\necho ${release}\n');
    await world.addRelease(project, '1');
    await world.apply(project);
    write('#!/bin/sh\nDB_PASSWORD=battery-staple\necho ${release}\nsystemctl start worker\n');
    const found = await plan(project);
    expect(found.template.userData).toEqual([
      '@@ -1,3 +1,4 @@',
      ' #!/bin/sh',
      '-DB_PASSWORD=***',
      '+DB_PASSWORD=***',
      ' echo 1',
      '+systemctl start worker',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/correct-horse|battery-staple/);
  });

  it('says "nothing to do" when the fleet runs all of it', async () => {
    const project = await start();
    await world.rollOut(project);
    const found = await plan(project);
    expect(found).toMatchObject({ nothing: true, version: 2, actions: [] });
    expect(planHeadline(found)).toBe('nothing to do: release 2 runs on 3 instances of workers');
    expect(planLines(found)).toEqual([]);
  });

  it('of blue-green says what stands beside what, until when', async () => {
    await start();
    const found = await plan(blueGreenProject(world, {}), { strategy: 'blue-green' });
    expect(found).toMatchObject({ newGroup: 'workers-green', capacity: { desired: 3, most: 6 } });
    expect(planLines(found).join('\n')).toContain(
      'workers-green gets as many: 6 until the old colour is gone',
    );
    expect(planHeadline(found)).toMatch(/^release 2 would come to workers-green beside workers/);
  });

  it('is stopped by what would stop the rollout, in the same words', async () => {
    const project = await start();
    await world.root.groups.suspend('workers', ['Launch']);
    expect((await failure(plan(project))).message).toContain('Launch is suspended on scaling group workers');
    expect((await failure(plan(project, { strategy: 'sideways' }))).exitCode).toBe(2);
  });

  it('tells who may only look what he may not do, and which policy would grant it', async () => {
    const project = await start();
    const { endpoint, region } = world.local;
    const credentials = await keyUnder(world.local, READER);
    const cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
    const found = await planRollout(world.run(), cloud, project, {});
    cloud.close();
    const denied = found.actions.filter(({ allowed }) => allowed === false).map(({ action }) => action);
    expect(denied).toEqual(['ec2:CreateLaunchTemplateVersion', 'ec2:RunInstances']);
    expect(planLines(found).join('\n')).toMatch(
      /✗ ec2:RunInstances, .*: no: .* is not allowed ec2:RunInstances.*\(policies\/iam\/deployer\.json grants it\)/,
    );
  });

  it.each(['rolling', 'blue-green'])(
    'names every action that a %s rollout then uses, all of them granted by the deployer',
    async (strategy) => {
      await start({ policy: shippedPolicy('deployer') });
      const project = strategy === 'rolling' ? world.project() : blueGreenProject(world, {});
      const { engine } = world.local;
      forgetDecisions(engine);
      const { actions } = await plan(project, { strategy });
      const asked = recordedDecisions(engine).map(({ action }) => action);
      expect(new Set(asked.filter((action) => !looksOnly(action)))).toEqual(
        new Set(['ec2:CreateLaunchTemplateVersion', 'ec2:RunInstances', 'ec2:CreateTags']),
      );
      expect(actions.filter(({ allowed }) => allowed === false)).toEqual([]);
      await world.rollOut(project, { strategy });
      const used = recordedDecisions(engine);
      expect(used.filter(({ decision }) => decision !== 'allowed')).toEqual([]);
      const named = actions.map(({ action }) => action);
      const missing = used
        .map(({ action }) => action)
        .filter((action) => !looksOnly(action) && !named.includes(action));
      expect([...new Set(missing)]).toEqual([]);
      expect(actions.filter(({ policies }) => policies.length === 0)).toEqual([]);
    },
  );
});
