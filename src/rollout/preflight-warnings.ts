import { readFile } from 'node:fs/promises';
import type {
  Cloud,
  LaunchTemplateVersion,
  LifecycleHook,
  Queue,
  ScalingGroup,
  Tags,
} from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { count, formatDuration } from '../run/format.ts';
import { TAG } from '../run/tags.ts';

/** What the warnings are made of. */
export interface Circumstances {
  group: ScalingGroup;
  previous: LaunchTemplateVersion;
  hooks: LifecycleHook[];
  /** The queue that the smoke test names, which the fleet works from. */
  queue?: Queue;
}

/** What may surprise during the rollout, though it stops nothing. Pure. */
export function warningsFor(project: Project, seen: Circumstances): string[] {
  return [
    ...aboutInstances(project, seen),
    ...aboutProcesses(seen),
    ...aboutHooks(project, seen),
    ...aboutMessages(seen),
    ...aboutOwner(seen.group.tags),
    ...aboutWayBack(seen),
  ];
}

function aboutInstances({ config: { rollout } }: Project, { group }: Circumstances): string[] {
  const how = (policy: string) =>
    policy === 'wait' ? 'the rollout waits for them, up to an hour' : 'they are left as they are';
  const shielded = group.instances.filter((instance) => instance.protectedFromScaleIn);
  const standby = group.instances.filter((instance) => instance.lifecycle === 'Standby');
  const attached = group.instances.filter((instance) => instance.templateVersion === undefined);
  const warnings: string[] = [];
  if (shielded.length > 0 && rollout.scaleInProtected !== 'refresh')
    warnings.push(
      `${count(shielded.length, 'instance')} protected from scale-in (${names(shielded)}): ${how(rollout.scaleInProtected)}`,
    );
  if (standby.length > 0 && rollout.standby !== 'terminate')
    warnings.push(
      `${count(standby.length, 'instance')} in standby (${names(standby)}): ${how(rollout.standby)}`,
    );
  if (attached.length > 0)
    warnings.push(
      `${count(attached.length, 'instance')} attached by hand, without a launch template (${names(attached)}): replaced like the others`,
    );
  return warnings;
}

const names = (instances: { id: string }[]) =>
  instances
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ') + (instances.length > 3 ? ', …' : '');

/** Without these a rollout goes on, and something else goes wrong. */
function aboutProcesses({ group }: Circumstances): string[] {
  const consequences: Record<string, string> = {
    HealthCheck: 'a new instance that fails is not noticed',
    ReplaceUnhealthy: 'a new instance that fails stays',
    ...(group.targetGroups.length > 0 && {
      AddToLoadBalancer: 'new instances get no requests, and will not when it is resumed',
    }),
  };
  return group.suspendedProcesses
    .filter((process) => consequences[process] !== undefined)
    .map((process) => `${process} is suspended on ${group.name}: ${consequences[process]}`);
}

function aboutHooks({ config: { rollout } }: Project, { hooks }: Circumstances): string[] {
  return hooks
    .filter(({ heartbeat }) => heartbeat > rollout.deadline)
    .map(
      ({ name, heartbeat }) =>
        `lifecycle hook ${name} may hold each instance for ${formatDuration(heartbeat)}, longer than the whole rollout may take (${formatDuration(rollout.deadline)})`,
    );
}

/** A message in the hands of an instance that goes comes back when its visibility timeout is over, if it may be received again. */
function aboutMessages({ queue, hooks }: Circumstances): string[] {
  if (!queue) return [];
  const { name, visibilityTimeout, deadLetter } = queue;
  if (hooks.some(({ on }) => on === 'terminate')) return [];
  const warnings: string[] = [];
  if (deadLetter && deadLetter.maxReceiveCount < 2)
    warnings.push(
      `queue ${name} gives a message one try: what an instance holds when it is replaced ends in ${deadLetter.name} (maxReceiveCount ${deadLetter.maxReceiveCount}, and no lifecycle hook lets workers finish)`,
    );
  if (visibilityTimeout > LONG)
    warnings.push(
      `what an instance holds of queue ${name} when it is replaced comes back after ${formatDuration(visibilityTimeout)} only (no lifecycle hook lets workers finish)`,
    );
  return warnings;
}

/** Milliseconds. */
const LONG = 300_000;

function aboutOwner(tags: Tags): string[] {
  const stack = tags['aws:cloudformation:stack-name'];
  return stack === undefined
    ? []
    : [
        `CloudFormation stack ${stack} made the group: its next update may bring back the launch template version that the stack names`,
      ];
}

function aboutWayBack({ group, previous }: Circumstances): string[] {
  const verified = group.tags[TAG.verifiedVersion];
  return verified === undefined || verified === String(previous.version)
    ? []
    : [
        `the fleet runs launch template version ${previous.version}; the last that passed its smoke tests is ${verified}. A rollback goes to ${previous.version}`,
      ];
}

/** The instance that bake itself runs on, where that can be told without asking anybody (EC2 Nitro: DMI asset tag). */
export async function ownInstance(
  file = '/sys/devices/virtual/dmi/id/board_asset_tag',
): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^i-[0-9a-f]{8,17}$/.exec(text.trim())?.[0];
}

/** The names of alarms that would refuse the rollout, with their state: AWS starts no refresh unless all are OK. */
export async function unreadyAlarms(cloud: Cloud, names: string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const found = await cloud.alarms.states(names);
  return names.flatMap((name) => {
    const state = found.find((alarm) => alarm.name === name)?.state;
    if (state === 'ok') return [];
    return [state === undefined ? `${name} does not exist` : `${name} is ${WORDS[state]}`];
  });
}

const WORDS = { alarm: 'in alarm', 'insufficient-data': 'without data' };
