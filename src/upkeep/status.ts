import type {
  Cloud,
  GroupInstance,
  Queue,
  RefreshState,
  ScalingGroup,
  TargetState,
} from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { colourOf, requireColours } from '../fleet/colours.ts';
import { Roster } from '../fleet/roster.ts';
import { fleetConfig } from '../fleet/settings.ts';
import { readLock } from '../rollout/lock.ts';
import type { RolloutRecord } from '../rollout/record.ts';
import { messageOf } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';
import { hasEnded } from './refresh-state.ts';

/** One instance of a scaling group. */
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

/** How many messages are in the queue of the fleet. */
export interface QueueStatus {
  name: string;
  visible: number;
  inFlight: number;
  delayed: number;
  deadLetters?: { name: string; messages: number };
}

/** How many targets of a target group are in which state. */
export interface TargetStatus {
  name: string;
  states: Partial<Record<TargetState, number>>;
}

/** What runs in one scaling group. */
export interface GroupStatus {
  group: string;
  /** Where the fleet has two groups. */
  colour?: 'blue' | 'green';
  desired: number;
  min: number;
  max: number;
  template: { name: string; version: number | string; release?: string };
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
  targets: TargetStatus[];
}

/** What runs where: the group in front, and what belongs to the fleet as a whole. */
export interface FleetStatus extends GroupStatus {
  /** The other colour. */
  back?: GroupStatus;
  verified?: { release: string; version?: number };
  /** Who works on the fleet, or has left it half done. */
  lock?: Pick<
    RolloutRecord,
    'owner' | 'command' | 'since' | 'expires' | 'left' | 'release' | 'strategy' | 'phase'
  >;
  queue?: QueueStatus;
  /** What could not be read, with the reason. */
  unknown: { what: string; why: string }[];
}

/** Reads what the fleet runs now: changes nothing. Exit code 2 where there is no group. */
export async function readStatus(cloud: Cloud, project: Project): Promise<FleetStatus> {
  const { name } = fleetConfig(project);
  const { sqs } = project.config.smoke;
  const unknown: FleetStatus['unknown'] = [];
  /** What is nice to know must not keep the rest from being told. */
  const attempt = <T>(what: string, asked: Promise<T>): Promise<T | undefined> =>
    asked.catch((error: unknown) => {
      unknown.push({ what, why: messageOf(error) });
      return undefined;
    });
  const { front, back } = await requireColours(cloud, project);
  const read = async (group: ScalingGroup): Promise<GroupStatus> => ({
    ...(await groupStatus(cloud, group)),
    colour: back && colourOf(name, group.name),
    targets: (await attempt(`target groups of ${group.name}`, targetStatus(cloud, group))) ?? [],
  });
  const [inFront, behind, lock, queue] = await Promise.all([
    read(front),
    back && read(back),
    attempt('lock', readLock(cloud, project)),
    sqs && attempt(`queue ${sqs.queue}`, queueStatus(cloud, sqs.queue)),
  ]);
  const { [TAG.verifiedRelease]: verified, [TAG.verifiedVersion]: verifiedVersion } = front.tags;
  return {
    ...inFront,
    back: behind,
    verified: verified === undefined ? undefined : { release: verified, version: numberIn(verifiedVersion) },
    lock: lock && lockStatus(lock),
    queue,
    unknown,
  };
}

const numberIn = (text: string | undefined) => (text === undefined ? undefined : Number(text));

const lockStatus = (record: RolloutRecord) => {
  const { owner, command, since, expires, left, release, strategy, phase } = record;
  return { owner, command, since, expires, left, release, strategy, phase };
};

async function groupStatus(cloud: Cloud, { name }: ScalingGroup): Promise<Omit<GroupStatus, 'targets'>> {
  const roster = new Roster(cloud, name);
  const [group, [refresh]] = await Promise.all([roster.look(), cloud.refreshes.list(name)]);
  const { version } = group.template;
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
  };
}

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

async function targetStatus(cloud: Cloud, { targetGroups }: ScalingGroup): Promise<TargetStatus[]> {
  return Promise.all(
    targetGroups.map(async (arn) => {
      const [group, targets] = await Promise.all([cloud.traffic.find(arn), cloud.traffic.targets(arn)]);
      const states: TargetStatus['states'] = {};
      for (const { state } of targets) states[state] = (states[state] ?? 0) + 1;
      return { name: group?.name ?? arn, states };
    }),
  );
}

async function queueStatus(cloud: Cloud, name: string): Promise<QueueStatus | undefined> {
  const queue = await cloud.queues.find(name);
  return queue && { ...countsOf(queue), deadLetters: await deadLetterStatus(cloud, queue) };
}

const countsOf = ({ name, visible, inFlight, delayed }: Queue) => ({ name, visible, inFlight, delayed });

async function deadLetterStatus(cloud: Cloud, { deadLetter }: Queue): Promise<QueueStatus['deadLetters']> {
  const dead = deadLetter && (await cloud.queues.find(deadLetter.name));
  return dead && { name: dead.name, messages: dead.visible + dead.inFlight };
}
