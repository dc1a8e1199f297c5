import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRelease, findReleases } from '../../src/image/releases.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { TAG } from '../../src/run/tags.ts';
import { type BuildWorld, outputOf, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a build' : `a build (skipped: ${support.sentence})`;

const image = {
  layers: [
    { name: 'base-os', provisioners: [{ script: 'base.sh', environment: { NAME: 'baker' } }] },
    { name: 'application', provisioners: [{ upload: 'src', to: '/opt/app', owner: 'baker:baker' }] },
  ],
  verify: { files: ['/opt/app/main.sh'], commands: ['bash'] },
};

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('build');
    world.write(
      'base.sh',
      [
        '#!/bin/bash',
        'set -euo pipefail',
        'useradd --create-home "$NAME"',
        'echo left >/var/tmp/left; echo typed >/root/.bash_history; mkdir -p /root/.cache/pip /root/.ssh',
        'echo key >/root/.ssh/authorized_keys; echo log >/var/log/made.log; echo key >/etc/ssh/ssh_host_rsa_key',
        'echo "made by $(id -un) for $NAME" | tee /etc/made',
      ].join('\n'),
    );
    world.write('src/main.sh', 'echo one\n', 0o755);
  });
  afterAll(() => world?.close());

  it('makes an image of what its provisioners did, without what clean-up removes', async () => {
    const built = await world.build(image);
    expect(built.error).toBeUndefined();
    expect(built.result).toMatchObject({ release: '1', built: ['base-os', 'application'], layers: 2 });
    expect(outputOf(built)).toEqual(['base.sh: made by root for baker']);
    const seen = await world.inside(
      built.result!.imageId,
      [
        'cat /etc/made /opt/app/main.sh; stat -c "%U:%G %a" /opt/app /opt/app/main.sh; id -un baker',
        'ls -d /var/tmp/left /root/.bash_history /root/.cache /root/.ssh/authorized_keys /etc/ssh/ssh_host_rsa_key 2>/dev/null',
        'stat -c %s /var/log/made.log',
      ].join('\n'),
    );
    expect(seen.split('\n')).toEqual([
      'made by root for baker',
      'echo one',
      'baker:baker 755',
      'baker:baker 755',
      'baker',
      '0',
    ]);
  });

  it('names the release inside the image, in its tags and in the manifest', async () => {
    const manifest = world.manifest();
    const [made] = await world.cloud.images.find([manifest.images['eu-central-1']!]);
    const release = await world.inside(made!.id, 'cat /etc/bake-release');
    expect(release).toContain('BAKE_PROJECT=demo\nBAKE_RELEASE=1\n');
    expect(release).toContain(`BAKE_FINGERPRINT=${manifest.fingerprint}`);
    expect(made).toMatchObject({ name: 'demo-r1', state: 'available' });
    expect(made!.tags).toMatchObject({
      [TAG.project]: 'demo',
      [TAG.release]: '1',
      [TAG.layer]: 'application',
      [TAG.fingerprint]: manifest.fingerprint,
      [TAG.run]: manifest.run,
    });
    expect(manifest.checklist.every((check) => check.ok)).toBe(true);
    expect(manifest.checklist.map((check) => check.check)).toContain('no private keys in files');
  });

  it('leaves the host as it was', () => {
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain('baker');
  });

  it('in which nothing changed launches nothing', async () => {
    const built = await world.build(image);
    expect(built.result).toMatchObject({ release: '1', built: [] });
    expect(stepsOf(built)).toEqual(['plan']);
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
  });

  it('with a changed application file builds that layer only, on the image of the one below', async () => {
    world.write('src/main.sh', 'echo two\n', 0o755);
    const built = await world.build(image);
    expect(built.result).toMatchObject({ release: '2', built: ['application'] });
    expect(stepsOf(built)).not.toContain('layer-base-os');
    const step = built.events.find(
      (event) => event.type === 'step.finished' && event.step === 'layer-application',
    );
    expect(step).toMatchObject({ summary: '1 provisioner; src/main.sh changed' });
    expect(await world.inside(built.result!.imageId, 'cat /opt/app/main.sh; id -un baker')).toBe(
      'echo two\nbaker',
    );
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: ['demo-r2 available'] });
    // The layer's image was taken while the builder ran: it holds all of its layer, and nothing of the next.
    const [below] = await world.cloud.images.findByTags({ [TAG.layer]: 'base-os' });
    expect(await world.inside(below!.id, 'id -un baker; ls /opt/app 2>/dev/null || echo none')).toBe(
      'baker\nnone',
    );
  });

  it('under a name of its own makes another image of the same content, and refuses a name that is taken', async () => {
    const built = await world.build(image, { release: 'spring' });
    expect(built.result).toMatchObject({ release: 'spring', built: ['application'] });
    const again = await world.build(image, { release: 'spring' });
    expect(again.error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('release spring exists already'),
    });
    expect(stepsOf(again)).toEqual(['plan']);
  });

  it('without the cache builds every layer anew and numbers on', async () => {
    const built = await world.build(image, { cache: false });
    expect(built.result).toMatchObject({ release: '3', built: ['base-os', 'application'] });
  });

  it('can be found again by release, newest first, and an unknown one names those that are there', async () => {
    const project = world.project(image);
    const found = await findReleases(world.cloud, project);
    expect(found.map((release) => release.release)).toEqual(['3', 'spring', '2', '1']);
    expect(await findRelease(world.cloud, project)).toEqual(found[0]);
    expect(await findRelease(world.cloud, project, { release: '2' })).toEqual(found[2]);
    expect(await findRelease(world.cloud, project, { imageId: found[3]!.imageId })).toEqual(found[3]);
    await expect(findRelease(world.cloud, project, { release: '9' })).rejects.toMatchObject({
      exitCode: 2,
      hint: 'There is: 3, spring, 2, 1.',
    });
  });

  it('beside another one at the same time takes the next number, inside the image too', async () => {
    const alone = (text: string) => ({
      layers: [{ name: 'os', provisioners: [{ inline: `echo ${text}` }] }],
    });
    const both = await Promise.all([world.build(alone('left')), world.build(alone('right'))]);
    expect(both.map((built) => built.result?.release).sort()).toEqual(['4', '5']);
    for (const { result } of both) {
      expect(await world.inside(result!.imageId, 'grep BAKE_RELEASE /etc/bake-release')).toBe(
        `BAKE_RELEASE=${result!.release}`,
      );
    }
  });
});
