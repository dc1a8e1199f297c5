import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Cloud, GroupSettings, LaunchSettings, LaunchTemplateVersion, Tags } from '../clouds/cloud.ts';
import { LARGEST_USER_DATA } from '../clouds/limits.ts';
import type { FleetConfig, Project } from '../config/schema.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';
import { renderUserData } from './render.ts';

/** What a launch template version needs to know about the image it launches. */
export interface FleetImage {
  imageId: string;
  /** Undefined for an image that bake did not make. */
  release?: string;
  gitCommit?: string;
}

/** The fleet of the configuration, or a sentence (exit code 2) where there is none. */
export function fleetConfig(project: Project): FleetConfig {
  if (project.config.fleet) return project.config.fleet;
  throw usageError(`${project.file} describes no fleet`, 'Add a `fleet:` section with a name and a size.');
}

/** Tags of the fleet's instances. The run is left out: they belong to the group, whichever run wrote the template. */
export const fleetTags = (project: Project): Tags => ({
  ...project.config.tags,
  [TAG.project]: project.config.project,
  [TAG.environment]: project.environment,
});

/** The user data of one release, or an empty string where the configuration names no file. */
export async function userDataFor(project: Project, region: string, image: FleetImage): Promise<string> {
  const { userData: file, variables } = fleetConfig(project);
  if (file === undefined) return '';
  const text = await readFile(resolve(project.directory, file), 'utf8').catch((cause: Error) => {
    throw new BakeError(`user data file ${file} cannot be read: ${cause.message}`, { exitCode: 2, cause });
  });
  const values = {
    release: image.release ?? '',
    project: project.config.project,
    environment: project.environment,
    region,
    image: image.imageId,
    vars: variables,
  };
  return renderUserData(file, text, values, LARGEST_USER_DATA[project.config.cloud]);
}

/** Everything a launch template version says, from the configuration and one image. */
export async function launchSettings(
  project: Project,
  cloud: Cloud,
  image: FleetImage,
): Promise<LaunchSettings> {
  const fleet = fleetConfig(project);
  const [found] = await cloud.images.find([image.imageId]);
  if (!found) throw new BakeError(`image ${image.imageId} does not exist in ${cloud.region}`);
  const { size, ...volume } = fleet.rootVolume;
  return {
    imageId: image.imageId,
    instanceType: fleet.instanceType,
    instanceProfile: fleet.instanceProfile,
    securityGroupIds: fleet.securityGroups,
    keyName: fleet.keyName,
    monitoring: fleet.monitoring,
    ebsOptimized: fleet.ebsOptimized,
    rootVolume: { ...volume, sizeGiB: size, device: found.rootDevice },
    userData: await userDataFor(project, cloud.region, image),
    tags: releaseTags(fleetTags(project), image),
  };
}

/** `tags`, with the name of the release where the image has one. */
export const releaseTags = (tags: Tags, image: FleetImage): Tags =>
  image.release === undefined ? tags : { ...tags, [TAG.release]: image.release };

/** "release 2 · git abc1234 · ami-…": launch template versions are the release history. */
export const versionDescription = (image: FleetImage): string =>
  [
    image.release === undefined ? undefined : `release ${image.release}`,
    image.gitCommit === undefined ? undefined : `git ${image.gitCommit.slice(0, 7)}`,
    image.imageId,
  ]
    .filter((part) => part !== undefined)
    .join(' · ')
    .slice(0, 255);

/** The release that a launch template version brings, as its tags say, or else its description. */
export const releaseOfVersion = (version: LaunchTemplateVersion): string | undefined =>
  version.settings.tags[TAG.release] ?? /^release (\S+)/.exec(version.description)?.[1];

/** The clouds count in whole seconds: what is finer would differ for ever. Milliseconds. */
const wholeSeconds = (ms: number) => Math.round(ms / 1_000) * 1_000;

/** The group as the configuration wants it, apart from its size and template. */
export const groupShape = (
  fleet: FleetConfig,
): Pick<
  GroupSettings,
  'healthCheckType' | 'healthCheckGrace' | 'defaultWarmup' | 'metricsEnabled' | 'protectFromScaleIn'
> => ({
  healthCheckType: fleet.healthCheck.type === 'elb' ? 'ELB' : 'EC2',
  healthCheckGrace: wholeSeconds(fleet.healthCheck.gracePeriod),
  defaultWarmup: wholeSeconds(fleet.warmup),
  metricsEnabled: fleet.metrics,
  protectFromScaleIn: fleet.protectFromScaleIn,
});
