import type {
  Cloud,
  LaunchTemplate,
  LaunchTemplateVersion,
  LifecycleHook,
  ScalingGroup,
} from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import { findColours } from './colours.ts';
import { requireOwn } from './ownership.ts';
import type { WantedScaling } from './scaling.ts';
import { fleetConfig } from './settings.ts';
import { currentVersion } from './template.ts';

/** A fleet of bake's own as the cloud has it. */
export interface FleetNow {
  /** The one that does the work, and is kept as configured. */
  group: ScalingGroup;
  /** The other colour, where it exists: it stays as it is until it is in front. */
  back?: ScalingGroup;
  template: LaunchTemplate;
  /** What the group points at. */
  current: LaunchTemplateVersion;
  hooks: LifecycleHook[];
  scaling: WantedScaling;
}

/**
 * Reads the fleet; undefined where there is no scaling group yet. Refuses (exit code 2) what bake did not make for this project and
 * environment, and a group that has another launch template than its own.
 */
export async function lookAtFleet(cloud: Cloud, project: Project): Promise<FleetNow | undefined> {
  const { name } = fleetConfig(project);
  const [colours, template] = await Promise.all([
    findColours(cloud, project),
    cloud.templates.findByName(name),
  ]);
  if (template) requireOwn(`launch template ${name}`, template.tags, project);
  if (!colours) return undefined;
  const { front: group, back } = colours;
  requireOwn(`scaling group ${group.name}`, group.tags, project);
  if (template?.id !== group.template.id || !template) {
    throw usageError(
      `scaling group ${group.name} uses launch template ${group.template.name} (${group.template.id}), not ${name}`,
      'Someone gave the group another launch template. Point it back, or choose another fleet.name.',
    );
  }
  const [current, hooks, policies, schedules] = await Promise.all([
    currentVersion(cloud, group, template),
    cloud.lifecycleHooks.list(group.name),
    cloud.scaling.policies(group.name),
    cloud.scaling.schedules(group.name),
  ]);
  return { group, back, template, current, hooks, scaling: { policies, schedules } };
}
