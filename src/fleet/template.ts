import type { Cloud, LaunchTemplate, LaunchTemplateVersion, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import { ownTags, TAG } from '../run/tags.ts';
import { diffSettings } from './diff.ts';
import {
  type FleetImage,
  fleetConfig,
  launchSettings,
  releaseOfVersion,
  releaseTags,
  versionDescription,
} from './settings.ts';
import { ensureVersion, findVersion } from './versions.ts';

/** The launch template, with the version that a new group has to start with. */
export interface TemplateAtVersion {
  template: LaunchTemplate;
  version: number;
  created: boolean;
}

/** Creates the launch template with version 1, or finds it and the version for this image, making one if none says the same. */
export async function ensureTemplate(
  run: Run,
  cloud: Cloud,
  project: Project,
  image: FleetImage,
): Promise<TemplateAtVersion> {
  const { name } = fleetConfig(project);
  const settings = await launchSettings(project, cloud, image);
  const description = versionDescription(image);
  const existing = await cloud.templates.findByName(name);
  if (existing)
    return {
      template: existing,
      ...(await ensureVersion(run, cloud, { template: existing, settings, description })),
    };
  run.journal.write({ entry: 'intend', kind: 'launch template', name });
  const template = await cloud.templates.create({
    token: `${run.id}-template`,
    name,
    description,
    settings,
    tags: releaseTags(ownTags(project, run.id), image),
  });
  run.journal.write({ entry: 'made', kind: 'launch template', name, id: template.id });
  return { template, version: 1, created: true };
}

/** A launch template version that the configuration asks for and the group does not run yet. */
export interface PendingVersion {
  /** Undefined where it does not exist yet. */
  version?: number;
  created: boolean;
  /** What it changes, a line each. */
  changes: string[];
}

interface Compared {
  template: LaunchTemplate;
  current: LaunchTemplateVersion;
}

/** Compares what the group runs with the configuration, for the very image that it runs. Changes nothing. */
export async function pendingVersion(
  cloud: Cloud,
  project: Project,
  { template, current }: Compared,
): Promise<PendingVersion | undefined> {
  const settings = await launchSettings(project, cloud, await imageOfVersion(cloud, current));
  const changes = diffSettings(current.settings, settings);
  if (changes.length === 0) return undefined;
  return { version: await findVersion(cloud, template.id, settings), created: false, changes };
}

/** The same, made where it does not exist. Bringing it to the group is a rollout's work, because it replaces instances. */
export async function ensurePending(
  run: Run,
  cloud: Cloud,
  project: Project,
  { now: { template, current }, pending }: { now: Compared; pending?: PendingVersion },
): Promise<PendingVersion | undefined> {
  if (!pending || pending.version !== undefined) return pending;
  const image = await imageOfVersion(cloud, current);
  const settings = await launchSettings(project, cloud, image);
  const description = versionDescription(image);
  const source = current.version;
  const made = await ensureVersion(run, cloud, { template, settings, description, source });
  return { ...made, changes: pending.changes };
}

async function imageOfVersion(cloud: Cloud, version: LaunchTemplateVersion): Promise<FleetImage> {
  const { imageId } = version.settings;
  const [image] = await cloud.images.find([imageId]);
  return { imageId, release: releaseOfVersion(version), gitCommit: image?.tags[TAG.gitCommit] };
}

/** The launch template version that a group points at, as a number. `$Latest` and `$Default` are what they mean now. */
export async function currentVersion(
  cloud: Cloud,
  group: ScalingGroup,
  template: LaunchTemplate,
): Promise<LaunchTemplateVersion> {
  const number =
    group.template.version === '$Latest'
      ? template.latestVersion
      : group.template.version === '$Default'
        ? template.defaultVersion
        : group.template.version;
  const version = await cloud.templates.findVersion(template.id, number);
  if (version) return version;
  throw new BakeError(
    `scaling group ${group.name} runs version ${number} of launch template ${template.name}, which does not exist`,
    { hint: 'Until it points at a version that exists it can launch nothing.' },
  );
}
