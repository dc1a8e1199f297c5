import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/clouds/cloud.ts';
import { fingerprintLayers } from '../../src/image/fingerprints.ts';
import type { Manifest } from '../../src/image/manifest.ts';
import { decide } from '../../src/image/plan.ts';
import type { Layer } from '../../src/image/provisioners.ts';
import { TAG } from '../../src/run/tags.ts';

const image = (id: string, more: Partial<Image> = {}): Image => ({
  id,
  name: id,
  state: 'available',
  architecture: 'x86_64',
  createdAt: 0,
  tags: {},
  snapshotIds: [],
  rootDevice: '/dev/xvda',
  ...more,
});
const base = image('ami-base');

const layersOf = (contents: Record<string, string>): Layer[] =>
  Object.entries(contents).map(([name, content]) => ({
    name,
    cache: true,
    provisioners: [
      {
        kind: 'script',
        name,
        label: `${name}.sh`,
        content,
        arguments: [],
        environment: {},
        secrets: {},
        timeout: 1,
        retries: 0,
      },
    ],
  }));

const situation = (contents: Record<string, string>, on = base) => {
  const layers = layersOf(contents);
  return { base: on, layers, fingerprints: fingerprintLayers(on, layers, 'closing') };
};
const manifestOf = ({ base, fingerprints }: ReturnType<typeof situation>) =>
  ({ base: { id: base.id, name: base.name }, layers: fingerprints }) as unknown as Manifest;

const before = situation({ os: '1', dependencies: '1', application: '1' });
const [os, dependencies, application] = before.fingerprints.map((layer, index) =>
  image(`ami-${layer.name}`, {
    tags: { [TAG.fingerprint]: layer.fingerprint, ...(index === 2 ? { [TAG.release]: '1' } : {}) },
  }),
) as [Image, Image, Image];

const built = (plan: ReturnType<typeof decide>) =>
  plan.layers.flatMap((layer) => (layer.build ? [`${layer.name}: ${layer.reason}`] : []));

describe('the plan of a build', () => {
  it('builds everything from the base when there is nothing', () => {
    const plan = decide(before, []);
    expect(plan.start).toBe(base);
    expect(built(plan)).toEqual([
      'os: no image of this layer yet',
      'dependencies: no image of this layer yet',
      'application: no image of this layer yet',
    ]);
  });

  it('builds nothing when the last layer has an image, whatever became of those below', () => {
    const plan = decide(before, [application]);
    expect(plan.finished).toBe(application);
    expect(built(plan)).toEqual([]);
  });

  it('starts from the highest layer that has an image, and says which input changed', () => {
    const now = situation({ os: '1', dependencies: '1', application: '2' });
    const plan = decide({ ...now, last: manifestOf(before) }, [os, dependencies, application]);
    expect(plan.start).toBe(dependencies);
    expect(plan.finished).toBeUndefined();
    expect(built(plan)).toEqual(['application: application.sh changed']);
  });

  it('builds what lies above a changed layer, and says so', () => {
    const now = situation({ os: '1', dependencies: '2', application: '1' });
    const plan = decide({ ...now, last: manifestOf(before) }, [os, dependencies, application]);
    expect(plan.start).toBe(os);
    expect(built(plan)).toEqual([
      'dependencies: dependencies.sh changed',
      'application: a layer below it changed',
    ]);
  });

  it('builds all on another base image', () => {
    const now = situation({ os: '1', dependencies: '1', application: '1' }, image('ami-newer'));
    const plan = decide({ ...now, last: manifestOf(before) }, []);
    expect(built(plan)[0]).toBe('os: the base image changed (ami-base -> ami-newer)');
  });

  it('takes a pending image, an available one before it, and never a failed one', () => {
    const like = (id: string, state: Image['state']) => ({ ...dependencies, id, state });
    expect(decide(before, [like('ami-p', 'pending')]).start.id).toBe('ami-p');
    expect(decide(before, [like('ami-p', 'pending'), like('ami-a', 'available')]).start.id).toBe('ami-a');
    expect(decide(before, [like('ami-f', 'failed')]).start).toBe(base);
  });

  it('ignores every image with --no-cache, and only the last for another release of the same content', () => {
    const found = [os, dependencies, application];
    expect(built(decide(before, found, 'all'))).toHaveLength(3);
    const again = decide({ ...before, last: manifestOf(before) }, found, 'last');
    expect(again.start).toBe(dependencies);
    expect(built(again)).toEqual(['application: another release of the same content']);
  });
});
