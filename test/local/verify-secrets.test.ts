import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLayout } from '../../src/localcloud/sandbox/layout.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, outputOf, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok
  ? 'a secret that bake passed in'
  : `a secret that bake passed in (skipped: ${support.sentence})`;

const SECRET = 'correct-horse/battery+staple';
const image = (inline: string) => ({
  layers: [
    { name: 'base-os', provisioners: [{ inline: 'echo one >/etc/one' }] },
    { name: 'application', provisioners: [{ inline, secrets: ['PACKAGE_TOKEN'] }] },
  ],
});

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('secrets');
  });
  afterAll(() => world?.close());
  afterEach(() => vi.unstubAllEnvs());

  /** Files of all frozen layers that hold the text, as they lie on the disk of the local cloud. */
  function frozenFilesWith(text: string): string[] {
    const layers = join(createLayout(join(world.directory, 'cloud')).state, 'layers');
    expect(readdirSync(layers).length).toBeGreaterThan(0);
    try {
      return execFileSync('grep', ['-rlaF', '-e', text, layers], { encoding: 'utf8' }).trim().split('\n');
    } catch (error) {
      if ((error as { status?: number }).status === 1) return [];
      throw error;
    }
  }

  it('is found nowhere in the frozen layers of its image, although a provisioner used it', async () => {
    vi.stubEnv('PACKAGE_TOKEN', SECRET);
    const built = await world.build(
      image(
        'echo "$PACKAGE_TOKEN" | sha256sum >/etc/used; echo "got $PACKAGE_TOKEN"; echo marker-on-disk >/etc/marker',
      ),
    );
    expect(built.error).toBeUndefined();
    expect(outputOf(built)).toContain('application inline script 1: got ***');
    expect(world.manifest().checklist).toContainEqual({ check: 'no secrets that were passed in', ok: true });
    expect(frozenFilesWith(SECRET)).toEqual([]);
    expect(frozenFilesWith(Buffer.from(SECRET).toString('base64').slice(0, 32))).toEqual([]);
    expect(frozenFilesWith('marker-on-disk')).toHaveLength(1);
    expect(existsSync('/run/bake-secrets')).toBe(false);
  });

  it.each([
    [
      'as it is, in the middle of a binary',
      `head -c 3000000 /dev/zero >/usr/share/blob; printf 'x%sx' "$PACKAGE_TOKEN" >>/usr/share/blob`,
      '/usr/share/blob',
    ],
    [
      'in an Authorization header',
      `printf 'Authorization: Basic %s' "$(printf 'user:%s' "$PACKAGE_TOKEN" | base64 -w0)" >/opt/header`,
      '/opt/header',
    ],
    [
      'in a URL',
      `printf 'https://x:%s@host/' "correct-horse%2Fbattery%2Bstaple" >/var/lib/url`,
      '/var/lib/url',
    ],
  ])('stops the bake when it was left %s, named by path and name', async (_, inline, path) => {
    vi.stubEnv('PACKAGE_TOKEN', SECRET);
    const built = await world.build(image(inline));
    expect(built.error?.details).toEqual([`no secrets that were passed in: ${path} (PACKAGE_TOKEN)`]);
    expect(stepsOf(built)).not.toContain('image');
    expect(JSON.stringify([built.error, built.events])).not.toContain('battery');
  });

  it('stops the bake before the image of the lower layer that holds it', async () => {
    vi.stubEnv('PACKAGE_TOKEN', SECRET);
    const built = await world.build({
      layers: [
        {
          name: 'packages',
          provisioners: [{ inline: 'echo "$PACKAGE_TOKEN" >/etc/pip.conf', secrets: ['PACKAGE_TOKEN'] }],
        },
        { name: 'application', provisioners: [{ inline: 'rm /etc/pip.conf' }] },
      ],
    });
    expect(built.error?.message).toBe(
      'layer packages failed verification: no secrets that were passed in: /etc/pip.conf (PACKAGE_TOKEN)',
    );
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
  });

  it('of a layer that is reused is searched for as well', async () => {
    vi.stubEnv('PACKAGE_TOKEN', SECRET);
    const layers = (application: string) => ({
      layers: [
        {
          name: 'dependencies',
          provisioners: [{ inline: 'test -n "$PACKAGE_TOKEN"', secrets: ['PACKAGE_TOKEN'] }],
        },
        { name: 'application', provisioners: [{ inline: application }] },
      ],
    });
    expect((await world.build(layers('true'))).error).toBeUndefined();
    const built = await world.build(layers(`printf %s '${SECRET}' >/etc/leak`));
    expect(built.error?.details).toEqual(['no secrets that were passed in: /etc/leak (PACKAGE_TOKEN)']);
  });
});
