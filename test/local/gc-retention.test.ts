import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { TAG } from '../../src/run/tags.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { testProject } from '../helpers/project.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

describe('retention', () => {
  let world: RolloutWorld;
  let project: Project;
  beforeAll(async () => {
    world = await RolloutWorld.start();
    project = keeping(undefined);
  });
  afterAll(() => world.close());

  const keeping = (keep: number | undefined): Project =>
    testProject({
      image: {
        base: { id: 'ami-base' },
        layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
        keep,
      },
      fleet: { name: 'workers', size: { min: 1, max: 6, desired: 2 }, warmup: '5s' },
    });
  const releases = async () => {
    const images = await world.cloud.images.findByTags({ [TAG.project]: 'testing' });
    return images.map(({ tags }) => tags[TAG.release]).sort();
  };
  const snapshots = async () =>
    (await world.cloud.leftovers.find(['snapshot'], { [TAG.project]: 'testing' })).length;
  const gc = (keep: number | undefined) => collectGarbage(world.run(), world.cloud, keeping(keep), {});

  it('keeps what a group runs and what it could go back to, however old; snapshots go with their image', async () => {
    await world.addRelease(project, '1');
    await world.apply(project);
    for (const release of ['2', '3']) {
      await world.addRelease(project, release);
      await world.rollOut(project);
    }
    for (const release of ['4', '5', '6']) await world.addRelease(project, release);
    expect(world.fleet).toBe('33');

    await gc(undefined);
    expect(await releases()).toEqual(['1', '2', '3', '4', '5', '6']);
    const { removed, failures } = await gc(1);
    expect(failures).toEqual([]);
    expect(removed.map(({ name }) => name).sort()).toEqual(['testing-r4', 'testing-r5']);
    // 6 is the newest, 3 runs, 2 is the way back, 1 is the launch template's default version.
    expect(await releases()).toEqual(['1', '2', '3', '6']);
    expect(await snapshots()).toBe(4);
    expect(world.said('note')).toMatch(/testing-r3 .* stays: (instance|group)/);
    expect(world.said('note')).toMatch(/testing-r2 .* stays: group workers/);
    expect(world.said('note')).toMatch(/testing-r1 .* stays: it is in launch template workers/);
  });

  it('lets go of a protected release that has had its time', async () => {
    const [four] = [await world.addRelease(project, '7'), await world.addRelease(project, '8')];
    await world.cloud.images.setProtection(four, true);
    const { removed, failures } = await gc(1);
    expect(failures).toEqual([]);
    expect(removed.map(({ name }) => name).sort()).toEqual(['testing-r6', 'testing-r7']);
  });

  it('keeps an image that a single instance runs, until that has ended', async () => {
    const imageId = await world.addRelease(project, '9');
    await world.addRelease(project, '10');
    const launched = await world.cloud.instances.launch({
      token: 'somebody',
      imageId,
      instanceType: 't3.small',
      rootVolume: { type: 'gp3', encrypted: true },
      userData: '',
      tags: {},
      terminateOnShutdown: false,
    });
    await gc(1);
    expect(await releases()).toContain('9');
    const { instanceId } = launched as { instanceId: string };
    await world.cloud.instances.terminate(instanceId);
    while ((await world.cloud.instances.find([instanceId]))[0]?.state !== 'terminated')
      await world.clock.sleep(1_000);
    await gc(1);
    expect(await releases()).not.toContain('9');
  });
});

it('retention keeps the release that a rollback would go to, whatever was tried since', async () => {
  const world = await RolloutWorld.start();
  try {
    const { config } = testProject({
      image: {
        base: { id: 'ami-base' },
        layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
        keep: 1,
      },
    });
    const project = { ...world.project(), config: { ...world.project().config, image: config.image } };
    await world.addRelease(project, 'first');
    await world.apply(project);
    for (const release of ['good', 'bad', 'worse', 'better', 'newest']) {
      await world.addRelease(project, release);
      if (['bad', 'worse'].includes(release)) world.workers.behaviours.set(release, 'logs errors');
      if (release !== 'newest') await world.rollOut(project, { release }).catch(() => {});
    }
    expect(world.fleet).toBe('555');
    const { removed } = await collectGarbage(world.run(), world.cloud, project, {});
    // `first` is the template's default version, `worse` comes before what runs.
    expect(removed.map(({ name }) => name)).toEqual(['testing-rbad']);
    expect(await rollBackFleet(world.run(), world.cloud, project, {})).toMatchObject({ release: 'good' });
  } finally {
    await world.close();
  }
});
