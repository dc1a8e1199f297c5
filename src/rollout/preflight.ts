import type { Cloud, LaunchTemplate, LaunchTemplateVersion, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { ownerOf, refuseOthers } from '../fleet/ownership.ts';
import { isActive } from '../fleet/roster.ts';
import { fleetConfig } from '../fleet/settings.ts';
import { currentVersion } from '../fleet/template.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { TAG } from '../run/tags.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';

/** What is known before anything is changed. */
export interface Preflight {
  group: ScalingGroup;
  template: LaunchTemplate;
  /** The launch template version that the group points at: where a rollback goes. */
  previous: LaunchTemplateVersion;
  /** Whether bake made the template, and so decides what is in it. */
  own: boolean;
  /** What deserves a word, though it stops nothing. */
  warnings: string[];
}

/** Processes without which a refresh replaces nothing and looks like a hang (AWS: SuspendProcesses). */
const NEEDED = ['InstanceRefresh', 'Launch', 'Terminate'];

/**
 * Checks everything that can be checked before something is created: that there is a group of ours (or nobody's) at a numbered
 * version, that no refresh is running, that nothing is suspended. Exit code 2 for what the configuration or the fleet has to change.
 */
export async function preflight(cloud: Cloud, project: Project): Promise<Preflight> {
  const { name } = fleetConfig(project);
  const group = await cloud.groups.find(name);
  if (!group) {
    throw usageError(
      `scaling group ${name} does not exist in ${cloud.region}`,
      'Create it first: `bake fleet apply`.',
    );
  }
  refuseOthers(`scaling group ${name}`, group.tags, project);
  const [template, refreshes] = await Promise.all([
    cloud.templates.findByName(group.template.name),
    cloud.refreshes.list(name),
  ]);
  if (!template)
    throw usageError(`launch template ${group.template.name} of scaling group ${name} does not exist`);
  refuseOthers(`launch template ${template.name}`, template.tags, project);
  if (typeof group.template.version === 'string') {
    throw usageError(
      `scaling group ${name} points at version ${group.template.version} of its launch template, so there is no number to roll back to`,
      `Set it to a number first${ownerOf(group.tags, project) === 'own' ? ': `bake fleet apply` does' : ` (it means ${template.latestVersion} at the most)`}.`,
    );
  }
  const active = refreshes.find((refresh) => !hasEnded(refresh.state));
  if (active) {
    throw new BakeError(
      `a rollout of ${name} is in progress: instance refresh ${active.id} is ${active.state} at ${active.percent} %`,
      { hint: 'Wait for its end (`bake status` shows it), or cancel it.' },
    );
  }
  const suspended = group.suspendedProcesses.filter((process) => NEEDED.includes(process));
  if (suspended.length > 0) {
    throw new BakeError(
      `${suspended.join(' and ')} ${suspended.length === 1 ? 'is' : 'are'} suspended on scaling group ${name}: nothing would be replaced`,
      { hint: 'Someone suspended it on purpose, or a tool left it so. Resume it and try again.' },
    );
  }
  const previous = await currentVersion(cloud, group, template);
  return {
    group,
    template,
    previous,
    own: ownerOf(template.tags, project) === 'own',
    warnings: warningsFor(project, group, previous),
  };
}

/** What may surprise during the rollout. Pure. */
function warningsFor(project: Project, group: ScalingGroup, previous: LaunchTemplateVersion): string[] {
  const { rollout, smoke } = project.config;
  const warnings: string[] = [];
  const protectedOnes = group.instances.filter((instance) => instance.protectedFromScaleIn);
  const standby = group.instances.filter((instance) => instance.lifecycle === 'Standby');
  if (protectedOnes.length > 0 && rollout.scaleInProtected !== 'refresh') {
    const what =
      rollout.scaleInProtected === 'wait'
        ? 'the rollout waits for them, up to an hour'
        : 'they are left as they are';
    warnings.push(`${count(protectedOnes.length, 'instance')} protected from scale-in: ${what}`);
  }
  if (standby.length > 0 && rollout.standby !== 'terminate') {
    const what =
      rollout.standby === 'wait' ? 'the rollout waits for them, up to an hour' : 'they are left as they are';
    warnings.push(`${count(standby.length, 'instance')} in standby: ${what}`);
  }
  const verified = group.tags[TAG.verifiedVersion];
  if (verified !== undefined && verified !== String(previous.version)) {
    warnings.push(
      `the fleet runs launch template version ${previous.version}; the last that passed its smoke tests is ${verified}. A rollback goes to ${previous.version}`,
    );
  }
  if (
    smoke.sqs &&
    rollout.checkpoints.some((at) => at < 100) &&
    smoke.sqs.timeout > rollout.checkpointDelay
  ) {
    warnings.push(
      `the SQS smoke test may take ${formatDuration(smoke.sqs.timeout)}, but a checkpoint waits only ${formatDuration(rollout.checkpointDelay)}: the rollout may go on before it has ended`,
    );
  }
  return warnings;
}

/** How many active instances run another version than `version`. */
export const notAt = (group: ScalingGroup, version: number): number =>
  group.instances.filter((instance) => isActive(instance) && instance.templateVersion !== version).length;
