import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;

beforeEach(async () => {
  world = await RolloutWorld.start();
});
afterEach(() => world.close());

describe('fleet apply', () => {
  it('makes a template and a group at a numbered version, and has its instances in service', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-fleet-'));
    writeFileSync(join(directory, 'worker.sh'), 'echo ${project} ${release} ${vars.queue} ${HOME}');
    const fleet = { userData: 'worker.sh', variables: { queue: 'jobs' } };
    const project = world.project({ directory, fleet });
    const imageId = await world.addRelease(project, '1');
    const result = await world.apply(project);
    expect(result).toMatchObject({ created: true, release: '1', inService: 3, template: { version: 1 } });
    const [version] = await world.cloud.templates.versions(result.template.id);
    expect(version?.description).toBe(`release 1 · git abc1234 · ${imageId}`);
    expect(version?.settings.userData).toBe('echo testing 1 jobs ${HOME}');
    const group = await world.cloud.groups.find('workers');
    expect(group?.template.version).toBe(1);
    expect(group?.tags).toMatchObject({ 'bake:project': 'testing', 'bake:release': '1' });
    const [instance] = await world.cloud.instances.find([group!.instances[0]!.id]);
    expect(instance?.tags).toMatchObject({ 'bake:project': 'testing', 'bake:release': '1' });
  });

  it('twice changes nothing the second time, and says so', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    await world.apply(project);
    const again = await world.apply(project);
    expect(again).toMatchObject({ created: false, changes: [], template: { version: 1 } });
    expect(again.pending).toBeUndefined();
    expect((await world.cloud.templates.findByName('workers'))?.latestVersion).toBe(1);
  });

  it('reconciles bounds and warmup, and leaves the number of instances as it is now', async () => {
    await world.addRelease(world.project(), '1');
    await world.apply(world.project());
    await world.cloud.groups.update('workers', { desired: 4 });
    const size = { min: 2, max: 8, desired: 2 };
    const result = await world.apply(world.project({ fleet: { size, warmup: '20s' } }));
    expect(result.changes).toEqual([
      'least instances 1 → 2',
      'most instances 6 → 8',
      'warmup (ms) 10000 → 20000',
    ]);
    expect(await world.cloud.groups.find('workers')).toMatchObject({ min: 2, max: 8, desired: 4 });
  });

  it('makes another instance type a version that waits for a rollout, once', async () => {
    await world.addRelease(world.project(), '1');
    await world.apply(world.project());
    const larger = world.project({ fleet: { instanceType: 't3.large' } });
    const first = await world.apply(larger);
    expect(first.pending).toMatchObject({
      version: 2,
      created: true,
      changes: ['instance type t3.small → t3.large'],
    });
    const second = await world.apply(larger);
    expect(second).toMatchObject({ changes: [], pending: { version: 2, created: false } });
    expect((await world.cloud.groups.find('workers'))?.template.version).toBe(1);
    const rolled = await world.rollOut(larger);
    expect(rolled).toMatchObject({ release: '1', version: 2 });
    const group = await world.cloud.groups.find('workers');
    const [instance] = await world.cloud.instances.find([group!.instances[0]!.id]);
    expect(instance?.instanceType).toBe('t3.large');
  });

  it('does not reshape a group that bake did not make, which a rollout may bring a release to', async () => {
    const project = world.project();
    const imageId = await world.addRelease(project, '1');
    await makeForeignFleet(imageId);
    await expect(world.apply(project)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('was not made by bake'),
    });
    await world.addRelease(project, '2');
    await world.rollOut(project);
    expect(world.fleet).toBe('22');
    const group = await world.cloud.groups.find('workers');
    expect(group).toMatchObject({ min: 2, max: 2, desired: 2 });
    const version = await world.cloud.templates.findVersion(group!.template.id, 2);
    expect(version?.settings).toMatchObject({ instanceType: 't3.micro', userData: 'theirs' });
  });

  it('does not touch the group of another environment', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    await world.apply(project);
    const staging = { ...project, environment: 'staging' };
    await expect(world.apply(staging)).rejects.toMatchObject({ exitCode: 2 });
    await expect(world.rollOut(staging)).rejects.toMatchObject({ exitCode: 2 });
  });

  async function makeForeignFleet(imageId: string): Promise<void> {
    const settings = {
      imageId,
      instanceType: 't3.micro',
      securityGroupIds: [],
      monitoring: false,
      ebsOptimized: false,
      userData: 'theirs',
      tags: { team: 'platform' },
    };
    const template = await world.cloud.templates.create({
      token: 'foreign',
      name: 'workers',
      description: '',
      settings,
      tags: {},
    });
    await world.cloud.groups.create({
      name: 'workers',
      min: 2,
      max: 2,
      desired: 2,
      template: { id: template.id, version: 1 },
      subnets: [],
      zones: await world.cloud.groups.zones(),
      healthCheckType: 'EC2',
      healthCheckGrace: 0,
      defaultWarmup: 0,
      metricsEnabled: false,
      tags: {},
    });
    while (world.fleet !== '11') await world.clock.sleep(1_000);
  }
});

describe('a fleet without a group', () => {
  it('sends a rollout, a smoke test and a status to fleet apply, with exit code 2', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    const hint = expect.stringContaining('bake fleet apply');
    const refusal = { exitCode: 2, hint };
    await expect(world.rollOut(project)).rejects.toMatchObject(refusal);
    await expect(smokeFleet(world.run(), world.cloud, project)).rejects.toMatchObject(refusal);
    await expect(readStatus(world.cloud, project)).rejects.toMatchObject(refusal);
  });
});

describe('stragglers', () => {
  it('are marked by status, and replaced by a rollout of the same release', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    const { template } = await world.apply(project);
    await world.addRelease(project, '2');
    await world.rollOut(project);
    // Somebody points the group at the old version for a moment; an instance that ends then comes back as the old one.
    await world.cloud.groups.update('workers', { template: { id: template.id, version: 1 } });
    const group = await world.cloud.groups.find('workers');
    await world.cloud.groups.terminateInstance(group!.instances[0]!.id, { decrementDesired: false });
    while (world.fleet !== '122') await world.clock.sleep(1_000);
    await world.cloud.groups.update('workers', { template: { id: template.id, version: 2 } });

    const status = await readStatus(world.cloud, project);
    expect(status.instances.filter((instance) => instance.straggler)).toMatchObject([
      { version: 1, release: '1' },
    ]);
    const result = await world.rollOut(project);
    expect(result).toMatchObject({ replaced: 1, version: 2 });
    expect(world.fleet).toBe('222');
    expect(world.said('warning')).toContain('still runs release 1: it is replaced');
  });
});

describe('smoke alone', () => {
  it('proves which instance of the release that runs now processed the message', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    await world.apply(project);
    const { release, report } = await smokeFleet(world.run(), world.cloud, project);
    expect(release).toBe('1');
    expect(report.checks.map((check) => check.summary).join('\n')).toMatch(
      /processed by i-\w+ \(release 1\)/,
    );
  });

  it('fails when nobody answers', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    await world.apply(project);
    world.workers.behaviours.set('1', 'deaf');
    await expect(smokeFleet(world.run(), world.cloud, project)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('was processed by anyone within 1 m'),
    });
  });
});
