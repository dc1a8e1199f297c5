import type { Cloud, Image, Tags } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';

/** An image that can be rolled out. */
export interface ReleaseImage {
  release: string;
  imageId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  gitCommit?: string;
  runId?: string;
  fingerprint?: string;
}

/** The project's releases that are published in the cloud's region, newest first. */
export async function findReleases(cloud: Cloud, project: Project): Promise<ReleaseImage[]> {
  const images = releasesAmong(project, await imagesOfProject(cloud, project));
  return images
    .filter((image) => image.state === 'available' && image.tags[TAG.published] !== undefined)
    .sort((a, b) => b.createdAt - a.createdAt || compareNames(b, a))
    .map(toRelease);
}

/** One release by name or image id, or the newest. Fails (exit code 2) when it is not there, and says what is. */
export async function findRelease(
  cloud: Cloud,
  project: Project,
  wanted: { release?: string; imageId?: string } = {},
): Promise<ReleaseImage> {
  const releases = await findReleases(cloud, project);
  const { release, imageId } = wanted;
  const found = releases.find(
    (candidate) =>
      (release === undefined || candidate.release === release) &&
      (imageId === undefined || candidate.imageId === imageId),
  );
  if (found) return found;
  const name = [release && `release ${release}`, imageId && `image ${imageId}`].filter(Boolean).join(' as ');
  const known = releases.slice(0, 5).map((candidate) => candidate.release);
  throw usageError(
    `${nameOf(project)} has no ${name || 'release'} in ${cloud.region}`,
    known.length > 0 ? `There is: ${known.join(', ')}.` : 'Bake one with `bake build`.',
  );
}

/** All images of the project in the cloud's region: layers, releases, in any state. */
export const imagesOfProject = (cloud: Cloud, { config }: Project): Promise<Image[]> =>
  cloud.images.findByTags({ [TAG.project]: config.project });

/** The next number after those of the releases among the project's images. */
export function nextRelease(project: Project, images: Image[]): string {
  const numbers = releasesAmong(project, images).map((image) => Number(image.tags[TAG.release]));
  return String(Math.max(0, ...numbers.filter(Number.isInteger)) + 1);
}

/** Fails (exit code 2) when the name that the user wants is taken. */
export async function checkFree(
  cloud: Cloud,
  project: Project,
  images: Image[],
  wanted: string,
): Promise<void> {
  const taken =
    releasesAmong(project, images).find((image) => image.tags[TAG.release] === wanted) ??
    (await cloud.images.findByName(imageName(project, wanted)));
  if (!taken) return;
  throw usageError(
    `release ${wanted} exists already: image ${taken.id}`,
    'Choose another name, or leave out --release for the next number.',
  );
}

/** Fails (exit code 2) unless the name can be part of an image's name and a tag. */
export function checkReleaseName(release: string): void {
  if (/^[A-Za-z0-9._-]{1,40}$/.test(release)) return;
  throw usageError(
    `"${release}" cannot be a release name`,
    'Letters, digits, dot, underscore and hyphen, at most 40.',
  );
}

/** The name that comes after one that somebody else took: numbers count on, other names are an error. */
export function releaseAfter(release: string, wanted: string | undefined): string {
  if (wanted !== undefined) {
    throw new BakeError(`release ${release} was taken by somebody else meanwhile`, {
      hint: 'Build again with another --release.',
    });
  }
  return String(Number(release) + 1);
}

/** What the image of a release is called. */
export const imageName = (project: Project, release: string): string => `${imageStem(project)}-r${release}`;

export const imageStem = ({ config }: Project): string =>
  config.image.name ?? [config.project, config.imageName].filter((part) => part !== undefined).join('-');

/** Whether an image's tags say that it is one of this project's releases: of that image, where there are several. */
export const isReleaseOf = (project: Project, tags: Tags): boolean =>
  tags[TAG.release] !== undefined && tags[TAG.image] === project.config.imageName;

const releasesAmong = (project: Project, images: Image[]): Image[] =>
  images.filter((image) => isReleaseOf(project, image.tags) && image.state !== 'failed');

const nameOf = ({ config }: Project): string =>
  config.imageName === undefined
    ? `project ${config.project}`
    : `image ${config.imageName} of project ${config.project}`;

const compareNames = (a: Image, b: Image) =>
  a.tags[TAG.release]!.localeCompare(b.tags[TAG.release]!, 'en', { numeric: true });

function toRelease(image: Image): ReleaseImage {
  return {
    release: image.tags[TAG.release]!,
    imageId: image.id,
    createdAt: image.createdAt,
    gitCommit: image.tags[TAG.gitCommit],
    runId: image.tags[TAG.run],
    fingerprint: image.tags[TAG.fingerprint],
  };
}
