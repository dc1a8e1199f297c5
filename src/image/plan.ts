import type { Cloud, Image } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { TAG } from '../run/tags.ts';
import type { Inputs, LayerFingerprint } from './fingerprints.ts';
import type { Manifest } from './manifest.ts';
import type { Layer } from './provisioners.ts';

export interface PlannedLayer extends LayerFingerprint {
  layer: Layer;
  /** False: an image holds it already. */
  build: boolean;
  /** Why it is built, or where it is reused from. */
  reason: string;
}

export interface BuildPlan {
  base: Image;
  /** What the builder starts from: the image of the highest layer that has one, or the base image. */
  start: Image;
  layers: PlannedLayer[];
  /** The image that holds all layers already: nothing needs to be built. */
  finished?: Image;
}

/**
 * Decides which layers are built: those above the highest one whose image exists. One look at the cloud.
 * `anew`: `all` ignores every image (--no-cache), `last` builds at least the last layer (a release with another name).
 */
export async function planBuild(
  cloud: Cloud,
  project: Project,
  inputs: { base: Image; layers: Layer[]; fingerprints: LayerFingerprint[]; last?: Manifest },
  anew?: 'all' | 'last',
): Promise<BuildPlan> {
  const found =
    anew === 'all'
      ? []
      : await cloud.images.findByTags({
          [TAG.project]: project.config.project,
          [TAG.fingerprint]: inputs.fingerprints.map((layer) => layer.fingerprint),
        });
  return decide(inputs, found, anew);
}

/** The pure part of `planBuild`: from what the cloud has, what is to be built. */
export function decide(
  inputs: { base: Image; layers: Layer[]; fingerprints: LayerFingerprint[]; last?: Manifest },
  found: Image[],
  anew?: 'all' | 'last',
): BuildPlan {
  const { base, layers, fingerprints, last } = inputs;
  const images = fingerprints.map((layer, index) =>
    bestImage(found, layer.fingerprint, index === fingerprints.length - 1),
  );
  if (anew === 'all') images.fill(undefined);
  if (anew === 'last') images[images.length - 1] = undefined;
  const reused = images.findLastIndex((image) => image !== undefined);
  const start = images[reused] ?? base;
  const planned = layers.map((layer, index): PlannedLayer => {
    const own = fingerprints[index]!;
    const build = index > reused;
    const reason = build
      ? whyBuilt(own, { below: fingerprints[index - 1], base, last, anew })
      : `unchanged, in image ${start.id}`;
    return { ...own, layer, build, reason };
  });
  return { base, start, layers: planned, finished: images.at(-1) };
}

/** Available before pending, then the newest. The image of the last layer must be a release. */
function bestImage(found: Image[], fingerprint: string, release: boolean): Image | undefined {
  return found
    .filter((image) => image.tags[TAG.fingerprint] === fingerprint && image.state !== 'failed')
    .filter((image) => !release || image.tags[TAG.release] !== undefined)
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt)[0];
}

const rank = (image: Image) => (image.state === 'available' ? 0 : 1);

function whyBuilt(
  own: LayerFingerprint,
  context: { below?: LayerFingerprint; base: Image; last?: Manifest; anew?: 'all' | 'last' },
): string {
  const { below, base, last, anew } = context;
  if (anew === 'all') return 'built anew (--no-cache)';
  const before = last?.layers.find((layer) => layer.name === own.name);
  if (!last || !before) return 'no image of this layer yet';
  const changed = changedInputs(before.inputs, own.inputs);
  if (changed.length > 0)
    return `${changed[0]}${changed.length > 1 ? ` (and ${changed.length - 1} more)` : ''}`;
  if (before.fingerprint !== own.fingerprint) {
    const belowBefore = last.layers.find((layer) => layer.name === below?.name);
    if (below && belowBefore?.fingerprint !== below.fingerprint) return 'a layer below it changed';
    if (last.base.id !== base.id) return `the base image changed (${last.base.id} -> ${base.id})`;
    return 'its provisioners changed';
  }
  return anew === 'last' ? 'another release of the same content' : 'there is no image of it any more';
}

function changedInputs(before: Inputs, now: Inputs): string[] {
  const labels = [...new Set([...Object.keys(now), ...Object.keys(before)])].sort();
  return labels.flatMap((label) => {
    if (before[label] === now[label]) return [];
    if (before[label] === undefined) return [`${label} added`];
    return [`${label} ${now[label] === undefined ? 'removed' : 'changed'}`];
  });
}
