import type { Cloud, GroupSettings, ScalingGroup, ScalingSchedule } from '../clouds/cloud.ts';
import type { FleetConfig, Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { ownTags, TAG } from '../run/tags.ts';
import type { Change } from './change.ts';
import { change, tagChanges } from './diff.ts';
import { wantedHooks } from './hooks.ts';
import type { FleetNow } from './look.ts';
import { type FleetImage, fleetConfig, fleetTags, groupShape } from './settings.ts';
import { wantedTargetGroups } from './target-groups.ts';

/** Creates the group at a numbered launch template version, with all that its first instance needs. */
export async function createGroup(
  run: Run,
  cloud: Cloud,
  project: Project,
  template: { id: string; version: number },
  image: FleetImage,
): Promise<void> {
  const fleet = fleetConfig(project);
  const { name } = fleet;
  const targetGroups = await wantedTargetGroups(cloud, project, name);
  const zones = fleet.subnets.length > 0 ? [] : await cloud.groups.zones();
  run.journal.write({ entry: 'intend', kind: 'scaling group', name });
  await cloud.groups.create({
    name,
    ...fleet.size,
    ...groupShape(fleet),
    template,
    subnets: fleet.subnets,
    zones,
    hooks: wantedHooks(project),
    targetGroups: targetGroups.map(({ arn }) => arn),
    tags: ownTags(project, run.id),
    groupOnlyTags: image.release === undefined ? {} : { [TAG.release]: image.release },
  });
  run.journal.write({ entry: 'made', kind: 'scaling group', name, id: name });
}

/** What the group itself and its tags need: none, one or two changes. */
export function groupChange(
  cloud: Cloud,
  project: Project,
  { group, template, current }: FleetNow,
  schedules: ScalingSchedule[],
): Change[] {
  const { changes, lines } = groupChanges(fleetConfig(project), group, schedules);
  if (group.template.version !== current.version) {
    changes.template = { id: template.id, version: current.version };
    lines.push(
      `launch template version ${group.template.version} → ${current.version} (a number, so that it can be rolled back)`,
    );
  }
  const tags = fleetTags(project);
  const tagLines = tagChanges(group.tags, tags);
  return [
    { lines, make: () => cloud.groups.update(group.name, changes) },
    { lines: tagLines, make: () => cloud.groups.setTags(group.name, tags, { propagate: true }) },
  ].filter((change) => change.lines.length > 0);
}

/**
 * What of the group's shape the configuration wants otherwise, and the same in words: bounds, health check, warmup, metrics, protection,
 * subnets. Bounds that a schedule sets are as configured, too. The present number of instances stays as far as the bounds allow. Pure.
 */
export function groupChanges(
  fleet: FleetConfig,
  group: ScalingGroup,
  schedules: ScalingSchedule[] = [],
): { changes: Partial<Omit<GroupSettings, 'name' | 'tags'>>; lines: string[] } {
  const oneOf = (now: number, configured: number, scheduled: (number | undefined)[]) =>
    scheduled.includes(now) ? now : configured;
  const min = oneOf(
    group.min,
    fleet.size.min,
    schedules.map((schedule) => schedule.min),
  );
  const max = oneOf(
    group.max,
    fleet.size.max,
    schedules.map((schedule) => schedule.max),
  );
  const shape = groupShape(fleet);
  const desired = Math.min(Math.max(group.desired, min), max);
  const changes: Partial<Omit<GroupSettings, 'name' | 'tags'>> = {};
  const lines: string[] = [];
  const compare = (line: string[], fields: typeof changes) => {
    if (line.length === 0) return;
    lines.push(...line);
    Object.assign(changes, fields);
  };
  compare(change('least instances', group.min, min), { min });
  compare(change('most instances', group.max, max), { max });
  compare(change('instances wanted', group.desired, desired), { desired });
  compare(change('health check', judges(group.healthCheckType), judges(shape.healthCheckType)), {
    healthCheckType: shape.healthCheckType,
  });
  compare(change('health check grace period (ms)', group.healthCheckGrace, shape.healthCheckGrace), {
    healthCheckGrace: shape.healthCheckGrace,
  });
  compare(change('warmup (ms)', group.defaultWarmup, shape.defaultWarmup), {
    defaultWarmup: shape.defaultWarmup,
  });
  compare(change('metrics', group.metricsEnabled, shape.metricsEnabled), {
    metricsEnabled: shape.metricsEnabled,
  });
  compare(
    change('new instances protected from scale-in', group.protectFromScaleIn, fleet.protectFromScaleIn),
    { protectFromScaleIn: fleet.protectFromScaleIn },
  );
  if (fleet.subnets.length > 0) {
    compare(change('subnets', [...group.subnets].sort().join(', '), [...fleet.subnets].sort().join(', ')), {
      subnets: fleet.subnets,
    });
  }
  return { changes, lines };
}

/** AWS writes `EC2`, `ELB` or `EC2,ELB`; EC2's own check is always part of it. */
const judges = (type: string) =>
  type
    .split(',')
    .filter((judge) => judge !== 'EC2')
    .sort()
    .join(',') || 'EC2';
