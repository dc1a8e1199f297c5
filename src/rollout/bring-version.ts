import type { Cloud, LaunchSettings } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import {
  type FleetImage,
  fleetConfig,
  fleetTags,
  launchSettings,
  releaseTags,
  userDataFor,
  versionDescription,
} from '../fleet/settings.ts';
import { ensureVersion } from '../fleet/versions.ts';
import type { Run } from '../run/run.ts';
import type { Preflight } from './preflight.ts';

/** The number of the launch template version that brings an image to the fleet: one that says the same, or a new one. */
export async function bringVersion(
  run: Run,
  cloud: Cloud,
  project: Project,
  image: FleetImage,
  before: Preflight,
): Promise<number> {
  const { version } = await ensureVersion(run, cloud, {
    template: before.template,
    settings: await settingsFor(cloud, project, image, before),
    description: versionDescription(image),
    source: before.previous.version,
  });
  return version;
}

/** All settings of a template of bake's own; of another maker's template only what a release changes. */
export async function settingsFor(
  cloud: Cloud,
  project: Project,
  image: FleetImage,
  { own, previous }: Pick<Preflight, 'own' | 'previous'>,
): Promise<LaunchSettings> {
  const { settings } = previous;
  if (own) return launchSettings(project, cloud, image);
  const userData =
    fleetConfig(project).userData === undefined
      ? settings.userData
      : await userDataFor(project, cloud.region, image);
  const tags = releaseTags({ ...settings.tags, ...fleetTags(project) }, image);
  return { ...settings, imageId: image.imageId, userData, tags };
}
