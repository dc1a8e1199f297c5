import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/clouds/cloud.ts';
import { layersTag } from '../../src/image/layers-tag.ts';
import { TAG } from '../../src/run/tags.ts';
import { outdated } from '../../src/upkeep/retention-plan.ts';

let made = 0;
function image(tags: Record<string, string>): Image {
  made++;
  return {
    id: `ami-${made}`,
    name: `image-${made}`,
    state: 'available',
    architecture: 'x86_64',
    createdAt: made,
    tags,
    snapshotIds: [],
    rootDevice: '/dev/xvda',
  };
}
const release = (n: number, more: Record<string, string> = {}) =>
  image({ [TAG.release]: String(n), [TAG.published]: 'yes', ...more });
const layer = (name: string, fingerprint: string) =>
  image({ [TAG.layer]: name, [TAG.fingerprint]: fingerprint.repeat(64) });

const unused = () => undefined;
const ids = (images: { image: Image }[]) => images.map((one) => one.image.id);

describe('retention', () => {
  it('keeps the newest releases, and those in use however old', () => {
    const releases = [1, 2, 3, 4, 5].map((n) => release(n));
    const inUse = releases[0]!;
    const { remove, stay } = outdated(
      releases,
      () => 2,
      (one) => (one === inUse ? 'a group runs it' : undefined),
    );
    expect(ids(remove)).toEqual([releases[2]!.id, releases[1]!.id]);
    expect(stay).toEqual([{ image: inUse, why: 'a group runs it' }]);
  });

  it('counts each of several images by itself, and leaves those alone that have no number', () => {
    const web = [1, 2, 3].map((n) => release(n, { [TAG.image]: 'web' }));
    const worker = [1, 2, 3].map((n) => release(n, { [TAG.image]: 'worker' }));
    const { remove } = outdated([...web, ...worker], (name) => (name === 'web' ? 1 : undefined), unused);
    expect(ids(remove)).toEqual([web[1]!.id, web[0]!.id]);
  });

  it('never touches what is not published, pending, or not a layer or release', () => {
    const pending = { ...release(1), state: 'pending' as const };
    const images = [pending, image({ [TAG.release]: '2' }), image({}), release(3), release(4), release(5)];
    expect(ids(outdated(images, () => 2, unused).remove)).toEqual([images[3]!.id]);
  });

  it('drops layers that no newest release stands on, but not those of a build after it', () => {
    const old = layer('base', 'a');
    const used = layer('base', 'b');
    const last = release(1, { [TAG.layers]: layersTag(['b'.repeat(64)]) });
    const later = layer('base', 'c');
    const { remove } = outdated([old, used, last, later], () => 5, unused);
    expect(ids(remove)).toEqual([old.id]);
  });

  it('keeps the layers of the newest release of every environment', () => {
    const layers = [layer('base', 'a'), layer('base', 'b'), layer('base', 'c')];
    const of = (fingerprint: string, environment: string) =>
      release(1, { [TAG.layers]: layersTag([fingerprint.repeat(64)]), [TAG.environment]: environment });
    const images = [...layers, of('a', 'staging'), of('b', 'production'), of('c', 'production')];
    expect(ids(outdated(images, () => 9, unused).remove)).toEqual([layers[1]!.id]);
  });

  it('never removes what is used, nor leaves fewer than the number to keep, whatever there is', () => {
    const tags = fc.record({ release: fc.boolean(), published: fc.boolean(), used: fc.boolean() });
    fc.assert(
      fc.property(fc.array(tags), fc.integer({ min: 1, max: 4 }), (given, keep) => {
        const used = new Set<Image>();
        const images = given.map((one, n) => {
          const own = image({
            ...(one.release
              ? { [TAG.release]: String(n) }
              : { [TAG.layer]: 'base', [TAG.fingerprint]: `${n}` }),
            ...(one.published && { [TAG.published]: 'yes' }),
          });
          if (one.used) used.add(own);
          return own;
        });
        const { remove } = outdated(
          images,
          () => keep,
          (one) => (used.has(one) ? 'used' : undefined),
        );
        expect(remove.some((one) => used.has(one.image))).toBe(false);
        const releases = images.filter((one) => one.tags[TAG.release] && one.tags[TAG.published]);
        const gone = new Set(remove.map((one) => one.image));
        const left = releases.filter((one) => !gone.has(one));
        expect(left.length).toBeGreaterThanOrEqual(Math.min(keep, releases.length));
        expect([...gone].every((one) => one.createdAt <= (releases.at(-1)?.createdAt ?? 0))).toBe(true);
      }),
    );
  });

  it('writes at most 256 characters in a tag, however many layers there are', () => {
    expect(layersTag(Array(40).fill('a'.repeat(64))).length).toBeLessThanOrEqual(256);
  });
});
