import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { readHistory } from '../../src/rollout/history.ts';
import { planRollout } from '../../src/rollout/plan/read.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { diagnose } from '../../src/upkeep/diagnose/diagnose.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { answeringRuntime } from '../helpers/answering-runtime.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

let world: RolloutWorld;
let project: Project;
/** Releases whose smoke test by command fails. */
const broken = new Set<string>();

async function start(kind: Cloud['kind']): Promise<void> {
  broken.clear();
  world = await RolloutWorld.start({
    kind,
    runtime: answeringRuntime((_, script) => {
      const release = /BAKE_RELEASE='(\d+)'/.exec(script)?.[1] ?? '';
      return broken.has(release) ? { exitCode: 3, stdout: 'no index\n' } : undefined;
    }),
  });
  project = configured();
  await world.addRelease(project, '1');
}

const configured = (rollout: object = {}): Project =>
  world.project({
    fleet: { instanceProfile: 'worker' },
    rollout,
    smoke: { commands: [{ run: 'check-worker', timeout: '30s' }] },
  });

describe.each<[Cloud['kind'], object, object]>([
  ['aws', BASE, { instanceProfile: 'builder' }],
  ['alicloud', { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' }, { instanceTypes: ['ecs.c7.large'] }],
])('an image on %s', (kind, base, builder) => {
  it('is baked, and not again while nothing has changed', async () => {
    const baking = await ScriptedWorld.start({ kind });
    try {
      const layers = [{ name: 'application', provisioners: [{ inline: 'install the-application' }] }];
      const config = { cloud: kind, image: { base, builder, layers } };
      const first = await baking.build(config);
      expect(first.error).toBeUndefined();
      const [again] = (await baking.build(config)).results!;
      expect(again).toMatchObject({ imageId: first.results![0]!.imageId, built: [] });
      await baking.clock.sleep(60_000);
      const everything = await baking.everything();
      expect(everything).toMatchObject({ machines: 0, images: ['demo-r1 available'], volumes: 0 });
    } finally {
      await baking.close();
    }
  });
});

describe.each<Cloud['kind']>(['aws', 'alicloud'])('a fleet on %s', (kind) => {
  beforeEach(() => start(kind));
  afterEach(() => world.close());

  it('is made, and made once', async () => {
    const made = await world.apply(project);
    expect(made).toMatchObject({ created: true, inService: 3, release: '1' });
    expect(world.fleet).toBe('111');
    expect(await world.apply(project)).toMatchObject({ created: false, changes: [] });
  });

  it('gets a release by and by, tested at the checkpoints', async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    const result = await world.rollOut(project);
    expect(result).toMatchObject({ release: '2', version: 2, previousVersion: 1, replaced: 3 });
    // The checkpoint's delay, and the warmup of those that come after it: who waits is nobody's concern.
    expect(result.duration).toBeGreaterThanOrEqual(130_000);
    expect(world.fleet).toBe('222');
    expect(world.said('step.finished')).toMatch(/rollout\.gate\.33.*went well on 1 new instance"/);
    expect(await world.rollOut(project)).toMatchObject({ replaced: 0 });
  });

  it('goes back by itself from a release whose command fails at a checkpoint, and says why', async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    broken.add('2');
    const error = await failure(world.rollOut(project));
    expect(error.exitCode).toBe(1);
    expect(error.message).toMatch(
      /release 2 \(version 2\) was rolled back: the smoke test at 33 %: `check-worker` failed on 1 of 1 new instance .*exit code 3: no index\. The fleet is back on release 1 \(version 1\) on all 3 instances/,
    );
    expect(world.fleet).toBe('111');
    const group = (await world.cloud.groups.find('workers'))!;
    expect(group).toMatchObject({ template: { version: 1 }, suspendedProcesses: [] });
  });

  it('goes back from the last gate, when the whole fleet runs the release already', async () => {
    const late = configured({ checkpoints: [] });
    await world.apply(late);
    await world.addRelease(late, '2');
    broken.add('2');
    const error = await failure(world.rollOut(late));
    expect(error.message).toContain('the last smoke test: `check-worker`');
    expect(world.fleet).toBe('111');
    expect((await world.cloud.groups.find('workers'))!.template.version).toBe(1);
  });

  it('goes back on request, and its history says what was', async () => {
    await world.apply(project);
    await world.rollOut(project);
    await world.addRelease(project, '2');
    await world.rollOut(project);
    const back = await rollBackFleet(world.run(), world.cloud, project, {});
    expect(back).toMatchObject({ release: '1', version: 1, previousVersion: 2, ways: ['refresh'] });
    expect(world.fleet).toBe('111');
    const { releases } = await readHistory(world.cloud, project);
    expect(releases.map(({ release }) => release)).toEqual(['2', '1']);
    const status = await readStatus(world.cloud, project);
    expect(status).toMatchObject({ group: 'workers', template: { version: 1, release: '1' } });
    expect(status.instances.map(({ release }) => release)).toEqual(['1', '1', '1']);
  });

  it('gets a release by a second group beside the first, and loses the first after the hold', async () => {
    const coloured = configured({ strategy: 'blue-green', blueGreen: { hold: '2m' } });
    await world.apply(coloured);
    await world.addRelease(coloured, '2');
    const result = await world.rollOut(coloured);
    expect(result).toMatchObject({ group: 'workers-green', release: '2', version: 2 });
    expect(world.serving('workers-green')).toBe('222');
    expect(await world.cloud.groups.find('workers')).toBeUndefined();
    const green = (await world.cloud.groups.find('workers-green'))!;
    expect(green).toMatchObject({ suspendedProcesses: [], min: 1, max: 6, desired: 3 });
  });

  it('keeps the first group where the second one fails its test', async () => {
    const coloured = configured({ strategy: 'blue-green' });
    await world.apply(coloured);
    await world.addRelease(coloured, '2');
    broken.add('2');
    const error = await failure(world.rollOut(coloured));
    expect(error.message).toMatch(
      /was taken back: the smoke test before the switch: .*workers serves with release 1/,
    );
    expect(world.fleet).toBe('111');
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
  });

  it('is cut over to the colour that is kept, and back', async () => {
    const coloured = configured({
      strategy: 'blue-green',
      blueGreen: { hold: '1h', retire: 'later', drainCommand: 'stop worker', resumeCommand: 'start worker' },
    });
    await world.apply(coloured);
    await world.addRelease(coloured, '2');
    await world.rollOut(coloured);
    const cut = await cutOver(world.run(), world.cloud, coloured, { mode: 'planned' });
    expect(cut).toMatchObject({ group: 'workers', release: '1', previousGroup: 'workers-green', ready: 3 });
    const back = await rollBackFleet(world.run(), world.cloud, coloured, { to: '2' });
    expect(back).toMatchObject({ group: 'workers-green', release: '2', ways: ['cutover'] });
  });

  it('is worked on by one run at a time', async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    const first = world.rollOut(project);
    while (!world.fleet.includes('2')) await world.clock.sleep(1_000);
    const error = await failure(world.rollOut(project));
    expect(error.message).toMatch(/fleet workers is locked by .*: `bake rollout` of release 2/);
    expect(error.exitCode).toBe(1);
    await first;
    expect(world.fleet).toBe('222');
  });

  it('is planned without a change, and diagnosed', async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    const { version } = world.local.engine.store;
    const plan = await planRollout(world.run(), world.cloud, project, {});
    expect(plan).toMatchObject({ release: '2' });
    expect(world.local.engine.store.version).toBe(version);
    const diagnosis = await diagnose(world.run(), world.cloud, project);
    expect(diagnosis.blind).toEqual([]);
  });
});
