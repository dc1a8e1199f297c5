import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { images } from '../../src/localcloud/engine/ec2/images.ts';
import { instances } from '../../src/localcloud/engine/ec2/instances.ts';
import { ScriptedWorld } from '../helpers/scripted-world.ts';

const config = {
  cloud: 'alicloud',
  region: 'eu-central-1',
  image: {
    base: { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
    builder: { instanceTypes: ['ecs.c7.large'] },
    layers: [
      { name: 'base-os', provisioners: [{ inline: 'echo base' }] },
      { name: 'application', provisioners: [{ upload: 'src', to: '/opt/app' }] },
    ],
  },
};

describe('a build on Alibaba Cloud', () => {
  let world: ScriptedWorld;
  beforeEach(async () => {
    world = await ScriptedWorld.start({ kind: 'alicloud' });
    world.write('src/main.py', 'print(1)\n');
  });
  afterEach(() => world.close());
  const running = () =>
    instances(world.local.engine)
      .filter(({ state }) => state !== 'terminated')
      .map(({ instanceId, state }) => `${instanceId} ${state}`);

  it('ends with one published image, tagged with its snapshots, and no machine', async () => {
    const { error, results } = await world.build(config);
    expect(error).toBeUndefined();
    const [result] = results!;
    expect(result!.imageId).toMatch(/^m-/);
    const [image] = await world.cloud.images.find([result!.imageId]);
    expect(image).toMatchObject({ state: 'available', tags: { 'bake:release': '1' } });
    expect(image!.snapshotIds[0]).toMatch(/^s-/);
    const left = await world.cloud.leftovers.find(['snapshot'], { 'bake:run': image!.tags['bake:run']! });
    expect(left.map(({ id }) => id)).toContain(image!.snapshotIds[0]);
    await world.clock.sleep(60_000);
    expect(running()).toEqual([]);
  });

  it('joins its image family last: whoever launches from the family gets the release', async () => {
    const published = { ...config, image: { ...config.image, publish: { family: 'demo-app' } } };
    const { error, results } = await world.build(published);
    expect(error).toBeUndefined();
    const family = () => world.cloud.images.resolve({ family: 'demo-app' });
    expect((await family())?.id).toBe(results![0]!.imageId);
    world.write('src/main.py', 'print(2)\n');
    const second = await world.build(published);
    expect((await family())?.id).toBe(second.results![0]!.imageId);
    expect((await family())?.tags['bake:published']).toBeDefined();
  });

  it('builds one layer again after a change of an application file, and none after none', async () => {
    await world.build(config);
    world.write('src/main.py', 'print(2)\n');
    expect((await world.build(config)).results![0]!.built).toEqual(['application']);
    expect((await world.build(config)).results![0]!.built).toEqual([]);
  });

  it('gives its builder to the cloud to release, should nobody be left to do it', async () => {
    let releaseAt: number | undefined;
    await world.crash(config, (event) => event.type === 'step.finished' && event.step === 'boot');
    const { ecsInstances } = await import('../../src/localcloud/engine/ecs/records.ts');
    for (const one of ecsInstances(world.local.engine).all()) releaseAt = one.releaseAt;
    expect(releaseAt).toBeGreaterThan(world.clock.now());
    while (world.clock.now() < releaseAt! + 60_000) await world.clock.sleep(600_000);
    await world.clock.sleep(60_000);
    expect(running()).toEqual([]);
    expect(images(world.local.engine).filter(({ ownerId }) => ownerId !== 'amazon')).toEqual([]);
  });
});
