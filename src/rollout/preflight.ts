import type {
  Cloud,
  InstanceRefresh,
  LaunchTemplate,
  LaunchTemplateVersion,
  ScalingGroup,
} from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { requireColours } from '../fleet/colours.ts';
import { ownerOf, refuseOthers } from '../fleet/ownership.ts';
import { isActive } from '../fleet/roster.ts';
import { currentVersion } from '../fleet/template.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import { ownInstance, unreadyAlarms, warningsFor } from './preflight-warnings.ts';
import { NEEDED } from './trouble.ts';

/** What is known before anything is changed. */
export interface Preflight {
  group: ScalingGroup;
  template: LaunchTemplate;
  /** The launch template version that the group points at: where a rollback goes. */
  previous: LaunchTemplateVersion;
  /** Whether bake made the template, and so decides what is in it. */
  own: boolean;
  /** How long a lifecycle hook may hold an instance, milliseconds; 0 where there is none. */
  longestHook: number;
  /** What deserves a word, though it stops nothing. */
  warnings: string[];
}

/**
 * Checks everything that can be checked before something is created: that there is a group of ours (or nobody's) at a numbered
 * version, that no refresh is running, that nothing is suspended, that the cloud would not refuse it. Changes nothing. Exit code 2 for
 * what the configuration or the fleet has to change. `detach`: it is to go on without this process, which may then end with its instance.
 */
export async function preflight(
  cloud: Cloud,
  project: Project,
  { detach = false }: { detach?: boolean } = {},
): Promise<Preflight> {
  const { front: group } = await requireColours(cloud, project);
  const { name } = group;
  refuseOthers(`scaling group ${name}`, group.tags, project);
  const { sqs } = project.config.smoke;
  const [template, refreshes, hooks, queue] = await Promise.all([
    cloud.templates.findByName(group.template.name),
    cloud.refreshes.list(name),
    cloud.lifecycleHooks.list(name),
    sqs && cloud.queues.find(sqs.queue),
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
  refuseActive(name, refreshes);
  const previous = await currentVersion(cloud, group, template);
  await refuseObstacles(cloud, project, group, previous);
  if (!detach) await refuseSelf(group);
  return {
    group,
    template,
    previous,
    own: ownerOf(template.tags, project) === 'own',
    longestHook: Math.max(0, ...hooks.map(({ heartbeat }) => heartbeat)),
    warnings: warningsFor(project, { group, previous, hooks, queue }),
  };
}

function refuseActive(name: string, refreshes: InstanceRefresh[]): void {
  const active = refreshes.find((refresh) => !hasEnded(refresh.state));
  if (!active) return;
  throw new BakeError(
    `a rollout of ${name} is in progress: instance refresh ${active.id} is ${active.state} at ${active.percent} %`,
    {
      hint: 'Wait for its end (`bake status --watch` shows it), take it up (`bake rollout --resume`), or take it back (`bake rollback`).',
    },
  );
}

/** What the cloud would refuse, wait for in vain, or end under our feet. */
async function refuseObstacles(
  cloud: Cloud,
  { config }: Project,
  group: ScalingGroup,
  { version, settings }: LaunchTemplateVersion,
): Promise<void> {
  const suspended = group.suspendedProcesses.filter((process) => NEEDED.includes(process));
  if (suspended.length > 0) {
    throw new BakeError(
      `${suspended.join(' and ')} ${suspended.length === 1 ? 'is' : 'are'} suspended on scaling group ${group.name}: nothing would be replaced`,
      { hint: 'Someone suspended it on purpose, or a tool left it so. Resume it and try again.' },
    );
  }
  // AWS: a refresh with a desired configuration cannot start, and could not be rolled back.
  if (settings.imageId.startsWith('resolve:ssm:')) {
    throw usageError(
      `version ${version} of launch template ${group.template.name} names its image by a parameter (${settings.imageId}): the cloud could not roll back to it`,
      `Give the group a version that names the image by its id, and roll out again.`,
    );
  }
  const alarms = await unreadyAlarms(cloud, config.rollout.alarms);
  if (alarms.length > 0) {
    throw new BakeError(`the cloud starts no rollout unless its alarms are OK: ${alarms.join(', ')}`, {
      hint: 'Find out why (`bake diagnose`), or take the alarm out of rollout.alarms.',
    });
  }
}

async function refuseSelf({ name, instances }: ScalingGroup): Promise<void> {
  const self = await ownInstance();
  if (self === undefined || !instances.some(({ id }) => id === self)) return;
  throw usageError(
    `bake runs on ${self}, which is an instance of ${name}: the rollout would end it half-way`,
    'Run it elsewhere, or with --detach.',
  );
}

/** How many active instances run another version than `version`. */
export const notAt = (group: ScalingGroup, version: number): number =>
  group.instances.filter((instance) => isActive(instance) && instance.templateVersion !== version).length;
