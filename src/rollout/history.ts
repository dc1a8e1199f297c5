import type { Cloud, LaunchTemplateVersion, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { type Colours, requireColours } from '../fleet/colours.ts';
import { isActive } from '../fleet/roster.ts';
import { releaseOfVersion } from '../fleet/settings.ts';
import { type Verified, verifiedOf } from '../fleet/verified.ts';
import { BakeError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';

/** One launch template version: a release as it was brought to the fleet. */
export interface PastRelease {
  version: number;
  /** Undefined for an image that bake did not make. */
  release?: string;
  imageId: string;
  /** The image cannot be launched any more: it was removed, or is not shared any more. */
  imageGone: boolean;
  gitCommit?: string;
  /** When the version was made; milliseconds since the epoch. */
  createdAt: number;
  /** Whether it passed its smoke tests when it was brought, as far as the group remembers. */
  verified: boolean;
  /** The group in front launches it. */
  current: boolean;
  /** How many instances run it now, in service or on their way there. */
  front: number;
  back: number;
}

/** The releases of a fleet, newest first, and what runs them. */
export interface FleetHistory {
  colours: Colours;
  /** The version that the group in front launches; undefined where it names none (`$Latest`, `$Default`). */
  current?: number;
  verified?: Verified;
  releases: PastRelease[];
}

/** Reads the release history, which is the launch template's versions: changes nothing. Exit code 2 where there is no group. */
export async function readHistory(cloud: Cloud, project: Project): Promise<FleetHistory> {
  const colours = await requireColours(cloud, project);
  const { front } = colours;
  const versions = await cloud.templates.versions(front.template.id);
  if (versions.length === 0)
    throw new BakeError(`scaling group ${front.name} has no launch template, so there is no history`);
  const images = await cloud.images.find([...new Set(versions.map(({ settings }) => settings.imageId))]);
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const verified = verifiedOf(front.tags);
  const proved = [verified, colours.back && verifiedOf(colours.back.tags)].flatMap((one) =>
    one ? [one.version, ...one.before] : [],
  );
  const current = typeof front.template.version === 'number' ? front.template.version : undefined;
  const releases = versions.map((version): PastRelease => {
    const image = imageOf.get(version.settings.imageId);
    return {
      version: version.version,
      release: releaseOfVersion(version),
      imageId: version.settings.imageId,
      imageGone: image?.state !== 'available',
      gitCommit: image?.tags[TAG.gitCommit] ?? commitIn(version),
      createdAt: version.createdAt,
      verified: proved.includes(version.version),
      current: version.version === current,
      front: running(front, version),
      back: running(colours.back, version),
    };
  });
  return { colours, current, verified, releases };
}

const running = (group: ScalingGroup | undefined, { version }: LaunchTemplateVersion): number =>
  group?.instances.filter((instance) => isActive(instance) && instance.templateVersion === version).length ??
  0;

/** See `versionDescription`. */
const commitIn = ({ description }: LaunchTemplateVersion): string | undefined =>
  /(?:^| · )git ([0-9a-f]+)/.exec(description)?.[1];
