import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRelease } from '../../src/image/releases.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

const os = { name: 'base-os', provisioners: [{ inline: 'dnf -y update' }] };
const image = (script: string) => ({
  base: BASE,
  builder: { instanceProfile: 'builder' },
  layers: [os, { name: 'application', provisioners: [{ inline: script }] }],
});
const config = {
  images: { web: image('install web'), worker: image('install worker') },
  fleet: { name: 'workers', image: 'worker', size: { min: 1, max: 1, desired: 1 } },
};

describe.sequential('several images in one project', () => {
  let world: ScriptedWorld;
  beforeAll(async () => {
    world = await ScriptedWorld.start();
  });
  afterAll(() => world?.close());

  it('are built at the same time, with one progress for all', async () => {
    const built = await world.build(config);
    expect(built.error).toBeUndefined();
    const steps = built.events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
    expect(steps[0]).toBe('images');
    const ended = built.events.flatMap((event) => (event.type === 'step.finished' ? [event.step] : []));
    expect(ended.at(-1)).toBe('images');
    expect(steps.indexOf('worker/launch')).toBeLessThan(steps.indexOf('web/terminate'));
    expect(steps.indexOf('web/launch')).toBeLessThan(steps.indexOf('worker/terminate'));
    const progress = built.events.flatMap((event) => (event.type === 'step.progress' ? [event] : []));
    expect(progress.map(({ message }) => message)).toContain('web: Plan the build · worker: Plan the build');
    expect(new Set(progress.map(({ step }) => step))).toEqual(new Set(['images']));
    expect((await world.everything()).machines).toBe(0);
  });

  it('have releases and names of their own, and one manifest that tells of both', async () => {
    const { images } = await world.everything();
    expect(images).toEqual(expect.arrayContaining(['demo-web-r1 available', 'demo-worker-r1 available']));
    const manifest = JSON.parse(readFileSync(join(world.directory, '.bake/manifest.json'), 'utf8'));
    expect(Object.keys(manifest.builds)).toEqual(expect.arrayContaining(['web', 'worker']));
    expect(manifest.builds.web).toMatchObject({ version: 1, image: 'web', release: '1' });
    expect(manifest.builds.web.packages.file).toBe('sbom-web.cdx.json');
  });

  it('are rolled out as the fleet says', async () => {
    const project = world.project(config);
    const { imageId } = await findRelease(world.cloud, project);
    const [found] = await world.cloud.images.find([imageId]);
    expect(found!.name).toBe('demo-worker-r1');
  });

  it('with --only are built one by one, and share the layers below', async () => {
    const changed = { ...config, images: { ...config.images, web: image('install web 2') } };
    const built = await world.build(changed, { only: 'web' });
    expect(built.results).toMatchObject([{ release: '2', built: ['application'] }]);
    expect((await world.build(changed)).results).toMatchObject([{ built: [] }, { built: [] }]);
    const unknown = await world.build(changed, { only: 'wbe' });
    expect(unknown.error).toMatchObject({ exitCode: 2, hint: 'The images are web, worker.' });
  });

  it('are each kept as long as they say, and the layers that their newest releases stand on', async () => {
    const keep = {
      web: { ...image('install web 2'), keep: 1 },
      worker: { ...image('install worker'), keep: 1 },
    };
    const project = world.project({ ...config, images: keep });
    const { removed, failures } = await collectGarbage(world.run(), world.cloud, project, {});
    expect(failures).toEqual([]);
    expect(removed.map(({ name }) => name)).toEqual(['demo-web-r1']);
    const { images } = await world.everything();
    expect(images).toEqual([
      expect.stringMatching(/^demo-web-base-os-\w+ available$/),
      'demo-web-r2 available',
      expect.stringMatching(/^demo-worker-base-os-\w+ available$/),
      'demo-worker-r1 available',
    ]);
  });

  it('do not stop each other: one that fails is named, the other is made', async () => {
    const broken = { ...image('install'), base: { id: 'ami-0123456789abcdef0' } };
    const built = await world.build({ ...config, images: { web: image('install web 3'), worker: broken } });
    expect(built.error).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^image worker: base image ami-0123456789abcdef0 does not exist/),
    });
    expect((await world.everything()).images).toContain('demo-web-r3 available');
  });
});

it('a project with one image takes no --only', async () => {
  const world = await ScriptedWorld.start();
  const built = await world.build({ image: image('x') }, { only: 'web' });
  expect(built.error).toMatchObject({ exitCode: 2 });
  await world.close();
});
