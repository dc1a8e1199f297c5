import type { Cloud, GroupInstance, Queue, RefreshState, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { Roster } from '../fleet/roster.ts';
import { fleetConfig } from '../fleet/settings.ts';
import { usageError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';
import { hasEnded } from './refresh-state.ts';

export interface InstanceStatus {
  id: string;
  lifecycle: string;
  healthy: boolean;
  /** Launch template version it was launched with. */
  version?: number;
  release?: string;
  zone: string;
  /** Milliseconds since the epoch. */
  launchedAt?: number;
  /** Runs another version than the group launches, though no rollout is under way. */
  straggler: boolean;
}

export interface QueueStatus {
  name: string;
  visible: number;
  inFlight: number;
  delayed: number;
  deadLetters?: { name: string; messages: number };
}

/** What runs where. */
export interface FleetStatus {
  group: string;
  desired: number;
  min: number;
  max: number;
  template: { name: string; version: number | string; release?: string };
  verified?: { release: string; version?: number };
  suspendedProcesses: string[];
  instances: InstanceStatus[];
  /** The one in progress, or else the last one. */
  refresh?: {
    id: string;
    /** Whether it is still going on. */
    active: boolean;
    state: RefreshState;
    percent: number;
    reason?: string;
    version?: number;
    startedAt?: number;
    endedAt?: number;
  };
  queue?: QueueStatus;
}

/** Reads what the fleet runs now: changes nothing. Exit code 2 where there is no group. */
export async function readStatus(cloud: Cloud, project: Project): Promise<FleetStatus> {
  const { name } = fleetConfig(project);
  const { sqs } = project.config.smoke;
  if (!(await cloud.groups.find(name)))
    throw usageError(
      `scaling group ${name} does not exist in ${cloud.region}`,
      'Create it: `bake fleet apply`.',
    );
  const roster = new Roster(cloud, name);
  const [group, [refresh], queue] = await Promise.all([
    roster.look(),
    cloud.refreshes.list(name),
    sqs && cloud.queues.find(sqs.queue),
  ]);
  const { version } = group.template;
  const { [TAG.verifiedRelease]: verified, [TAG.verifiedVersion]: verifiedVersion } = group.tags;
  const active = refresh !== undefined && !hasEnded(refresh.state);
  return {
    group: name,
    desired: group.desired,
    min: group.min,
    max: group.max,
    template: {
      name: group.template.name,
      version,
      release: typeof version === 'number' ? await roster.releaseOf(version) : undefined,
    },
    verified: verified === undefined ? undefined : { release: verified, version: numberIn(verifiedVersion) },
    suspendedProcesses: group.suspendedProcesses,
    instances: await instanceStatus(cloud, roster, group, !active),
    refresh: refresh && {
      id: refresh.id,
      active,
      state: refresh.state,
      percent: refresh.percent,
      reason: refresh.reason,
      version: refresh.templateVersion,
      startedAt: refresh.startedAt,
      endedAt: refresh.endedAt,
    },
    queue: queue && (await queueStatus(cloud, queue)),
  };
}

const numberIn = (text: string | undefined) => (text === undefined ? undefined : Number(text));

async function instanceStatus(
  cloud: Cloud,
  roster: Roster,
  group: ScalingGroup,
  settled: boolean,
): Promise<InstanceStatus[]> {
  const machines = await cloud.instances.find(group.instances.map((instance) => instance.id));
  const launchedAt = new Map(machines.map((machine) => [machine.id, machine.launchedAt]));
  const { version } = group.template;
  const straggles = (instance: GroupInstance) =>
    settled && typeof version === 'number' && instance.templateVersion !== version;
  return Promise.all(
    group.instances.map(async (instance) => ({
      id: instance.id,
      lifecycle: instance.lifecycle,
      healthy: instance.healthy,
      version: instance.templateVersion,
      release: await roster.releaseOf(instance.templateVersion),
      zone: instance.zone,
      launchedAt: launchedAt.get(instance.id),
      straggler: straggles(instance),
    })),
  );
}

async function queueStatus(cloud: Cloud, queue: Queue): Promise<QueueStatus> {
  const { name, visible, inFlight, delayed, deadLetter } = queue;
  const dead = deadLetter && (await cloud.queues.find(deadLetter.name));
  const deadLetters = dead && { name: dead.name, messages: dead.visible + dead.inFlight };
  return { name, visible, inFlight, delayed, deadLetters };
}
