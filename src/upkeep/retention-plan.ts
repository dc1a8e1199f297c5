import type { Image } from '../clouds/cloud.ts';
import { standsOn } from '../image/layers-tag.ts';
import { TAG } from '../run/tags.ts';

/** An image beyond what is to be kept: may go, or has to stay for that reason. */
export interface Judged {
  image: Image;
  why: string;
}

/**
 * What of a project's images in one region may go: releases beyond the newest `keepOf` their image, and images of layers that no
 * newest release stands on any more; but none that something uses (`use` says what). Where a project has several images
 * (`TAG.image`) each has its own releases; each environment has its own newest release.
 */
export function outdated(
  images: Image[],
  keepOf: (imageName: string | undefined) => number | undefined,
  use: (image: Image) => string | undefined,
): { remove: Judged[]; stay: Judged[] } {
  const available = images
    .filter(({ state }) => state === 'available')
    .sort((a, b) => b.createdAt - a.createdAt);
  const releases = available.filter(({ tags }) => tags[TAG.release] !== undefined && tags[TAG.published]);
  const layers = available.filter(({ tags }) => tags[TAG.release] === undefined && tags[TAG.layer]);
  const judged = [...oldReleases(releases, keepOf), ...oldLayers(layers, releases)].map((one) => ({
    ...one,
    use: use(one.image),
  }));
  return {
    remove: judged.filter((one) => one.use === undefined).map(({ image, why }) => ({ image, why })),
    stay: judged.flatMap(({ image, use }) => (use === undefined ? [] : [{ image, why: use }])),
  };
}

const oldReleases = (releases: Image[], keepOf: Parameters<typeof outdated>[1]): Judged[] =>
  grouped(releases, [TAG.image]).flatMap((group) => {
    const keep = keepOf(group[0]!.tags[TAG.image]) ?? group.length;
    return group.slice(keep).map((image) => ({
      image,
      why: `release ${image.tags[TAG.release]} is not among the newest ${keep}`,
    }));
  });

/** Layers made after the newest release were left by a build that failed above them: the next one starts from them. */
function oldLayers(layers: Image[], releases: Image[]): Judged[] {
  const newest = grouped(releases, [TAG.image, TAG.environment]).flatMap((group) => group.slice(0, 1));
  const since = releases[0]?.createdAt ?? 0;
  return layers
    .filter(({ createdAt }) => createdAt <= since)
    .filter(
      ({ tags }) =>
        !newest.some((release) => standsOn(release.tags[TAG.layers], tags[TAG.fingerprint] ?? '')),
    )
    .map((image) => ({
      image,
      why: `no newest release stands on this image of layer ${image.tags[TAG.layer]}`,
    }));
}

function grouped(images: Image[], tags: string[]): Image[][] {
  const groups = new Map<string, Image[]>();
  for (const image of images) {
    const key = JSON.stringify(tags.map((tag) => image.tags[tag]));
    groups.set(key, [...(groups.get(key) ?? []), image]);
  }
  return [...groups.values()];
}
