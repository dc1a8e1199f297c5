import type { Cloud, GroupSettings, LaunchTemplate, ScalingGroup } from '../clouds/cloud.ts';
import type { FleetConfig, Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { ownTags, TAG } from '../run/tags.ts';
import { change, tagChanges } from './diff.ts';
import { type FleetImage, fleetConfig, fleetTags, groupShape } from './settings.ts';

/** Creates the group at a numbered launch template version. */
export async function createGroup(
  run: Run,
  cloud: Cloud,
  project: Project,
  template: { id: string; version: number },
  image: FleetImage,
): Promise<void> {
  const fleet = fleetConfig(project);
  const { name } = fleet;
  run.journal.write({ entry: 'intend', kind: 'scaling group', name });
  await cloud.groups.create({
    name,
    ...fleet.size,
    ...groupShape(fleet),
    template,
    subnets: fleet.subnets,
    zones: fleet.subnets.length > 0 ? [] : await cloud.groups.zones(),
    tags: ownTags(project, run.id),
  });
  run.journal.write({ entry: 'made', kind: 'scaling group', name, id: name });
  if (image.release !== undefined)
    await cloud.groups.setTags(name, { [TAG.release]: image.release }, { propagate: false });
}

/**
 * Brings the group in line with the configuration: bounds, health check, warmup, metrics, subnets, tags. The present number of
 * instances is left alone as far as the bounds allow. Returns what was changed, a line each.
 */
export async function reconcileGroup(
  cloud: Cloud,
  project: Project,
  group: ScalingGroup,
  template: LaunchTemplate,
  runs: number,
): Promise<string[]> {
  const fleet = fleetConfig(project);
  const { changes, lines } = groupChanges(fleet, group);
  if (group.template.version !== runs) {
    changes.template = { id: template.id, version: runs };
    lines.push(
      `launch template version ${group.template.version} → ${runs} (a number, so that it can be rolled back)`,
    );
  }
  if (lines.length > 0) await cloud.groups.update(group.name, changes);
  const tags = fleetTags(project);
  const tagLines = tagChanges(group.tags, tags);
  if (tagLines.length > 0) await cloud.groups.setTags(group.name, tags, { propagate: true });
  return [...lines, ...tagLines];
}

/** What of the group's shape the configuration wants otherwise, and the same in words. Pure. */
export function groupChanges(
  fleet: FleetConfig,
  group: ScalingGroup,
): { changes: Partial<Omit<GroupSettings, 'name' | 'tags'>>; lines: string[] } {
  const { min, max } = fleet.size;
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
