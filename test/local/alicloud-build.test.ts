import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { images } from '../../src/localcloud/engine/ec2/images.ts';
import { instances } from '../../src/localcloud/engine/ec2/instances.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { outputOf, startBuildWorld } from '../helpers/build-world.ts';
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

  it('is copied to its regions and shared before anybody hears of it; retention takes copies and snapshots along', async () => {
    const kmsKeys = { 'cn-hangzhou': 'key-of-hangzhou' };
    const distribute = { regions: ['cn-hangzhou'], kmsKeys, accounts: ['1000000000000001'] };
    const builder = { ...config.image.builder, rootVolume: { kmsKey: 'key-of-home' } };
    const wide = { ...config, image: { ...config.image, builder, distribute, keep: 1 } };
    const { error, results } = await world.build(wide);
    expect(error).toBeUndefined();
    const abroad = world.cloud.inRegion('cn-hangzhou');
    const copies = await abroad.images.findByTags({ 'bake:release': '1' });
    expect(copies).toMatchObject([
      { state: 'available', tags: { 'bake:source-image': results![0]!.imageId } },
    ]);
    const shared = images(world.local.engine).filter(({ sharedWith = [] }) => sharedWith.length > 0);
    expect(shared.map(({ region }) => region).sort()).toEqual(['cn-hangzhou', 'eu-central-1']);
    world.write('src/main.py', 'print(2)\n');
    expect((await world.build(wide)).error).toBeUndefined();
    const { collectGarbage } = await import('../../src/upkeep/gc.ts');
    await collectGarbage(world.run(), world.cloud, world.project(wide), {});
    expect(await abroad.images.findByTags({ 'bake:release': '1' })).toEqual([]);
    expect(await world.cloud.images.findByTags({ 'bake:release': '1' })).toEqual([]);
    expect((await abroad.images.findByTags({ 'bake:release': '2' })).length).toBe(1);
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

const support = await sandboxSupport(tmpdir());

describe.skipIf(!support.ok).each([
  ['Cloud Assistant', {}],
  ['SSH', { communicator: 'ssh', ssh: { user: 'root', source: '127.0.0.1/32' } }],
])('a builder of Alibaba Cloud that is reached by %s', (way, builder) => {
  it('runs scripts, shows more than 24 KB of what they say, and takes files byte by byte', async () => {
    const world = await startBuildWorld(`alicloud-${way.slice(0, 3)}`, 'alicloud');
    try {
      world.write('src/data', Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251)));
      const talk = 'for i in $(seq 1 6000); do echo "line $i"; done; sha256sum </opt/app/data | cut -c1-12';
      const built = await world.build({
        layers: [
          {
            name: 'application',
            provisioners: [
              { upload: 'src', to: '/opt/app' },
              { inline: talk, name: 'talk' },
            ],
          },
        ],
        builder,
      });
      expect(built.error).toBeUndefined();
      const lines = outputOf(built);
      expect(lines).toHaveLength(6_001);
      const { createHash } = await import('node:crypto');
      const { readFileSync } = await import('node:fs');
      const digest = createHash('sha256')
        .update(readFileSync(`${world.directory}/src/data`))
        .digest('hex');
      expect(lines.at(-1)).toBe(`talk: ${digest.slice(0, 12)}`);
      expect((await world.leftovers(built.runId)).machines).toEqual([]);
      const kinds = ['key pair', 'security group'] as const;
      expect(await world.cloud.leftovers.find([...kinds], { 'bake:project': 'demo' })).toEqual([]);
    } finally {
      await world.close();
    }
  });
});
