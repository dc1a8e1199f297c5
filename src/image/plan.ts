import type { Image } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { TAG } from '../run/tags.ts';
import type { LayerFingerprint } from './fingerprints.ts';
import type { Manifest } from './manifest.ts';
import type { Layer } from './provisioners.ts';
import { isReleaseOf } from './releases.ts';
import { whyBuilt } from './why-built.ts';

export interface PlannedLayer extends LayerFingerprint {
  layer: Layer;
  /** False: an image holds it already. */
  build: boolean;
  /** It is built although there is an image of it, which has the usual name. */
  again: boolean;
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
 * What is built although there is an image of it: `all` layers (--no-cache), the `last` one at least (a release with another
 * name), or those from a layer on (--from).
 */
export type Anew = 'all' | 'last' | { from: string };

interface PlanInputs {
  base: Image;
  layers: Layer[];
  fingerprints: LayerFingerprint[];
  last?: Manifest;
}

/** Decides which layers are built: those above the highest one that has an image among those of the project (`found`). */
export function planBuild(project: Project, inputs: PlanInputs, found: Image[], anew?: Anew): BuildPlan {
  // Layers may be shared by the images of a project; a release is one image's own.
  const last = inputs.fingerprints.at(-1)!.fingerprint;
  const usable = found.filter(({ tags }) => tags[TAG.fingerprint] !== last || isReleaseOf(project, tags));
  return decide(inputs, usable, anew);
}

/** From the images that may be used, what is to be built. */
export function decide(inputs: PlanInputs, found: Image[], anew?: Anew): BuildPlan {
  const { base, layers, fingerprints, last } = inputs;
  const images = fingerprints.map((layer, index) =>
    bestImage(found, layer.fingerprint, index === fingerprints.length - 1),
  );
  const existing = [...images];
  images.fill(undefined, firstAnew(layers, anew));
  const reused = images.findLastIndex((image) => image !== undefined);
  const start = images[reused] ?? base;
  const planned = layers.map((layer, index): PlannedLayer => {
    const own = fingerprints[index]!;
    const build = index > reused;
    const reason = build
      ? whyBuilt(own, { below: fingerprints[index - 1], base, last, anew })
      : `unchanged, in image ${start.id}`;
    return { ...own, layer, build, again: build && existing[index] !== undefined, reason };
  });
  return { base, start, layers: planned, finished: images.at(-1) };
}

/** Index of the first layer that is built whatever there is. */
function firstAnew(layers: Layer[], anew: Anew | undefined): number {
  if (anew === undefined) return layers.length;
  if (anew === 'all') return 0;
  return anew === 'last' ? layers.length - 1 : layers.findIndex(({ name }) => name === anew.from);
}

/** Published before available before pending, then the newest. The image of the last layer must be a release. */
function bestImage(found: Image[], fingerprint: string, release: boolean): Image | undefined {
  return found
    .filter((image) => image.tags[TAG.fingerprint] === fingerprint && image.state !== 'failed')
    .filter((image) => !release || image.tags[TAG.release] !== undefined)
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt)[0];
}

const rank = ({ state, tags }: Image) => (state !== 'available' ? 2 : tags[TAG.published] ? 0 : 1);
