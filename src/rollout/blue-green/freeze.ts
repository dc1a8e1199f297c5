import type { Cloud, ScalingGroup } from '../../clouds/cloud.ts';
import { TAG } from '../../run/tags.ts';
import type { FleetLock } from '../record.ts';

/** Processes that change a group's size by themselves (AWS: SuspendProcesses). Its health checks go on replacing instances. */
const SCALING = ['AlarmNotification', 'ScheduledActions'];
/** Those that a copy is made with suspended: in an empty group nothing is to be balanced, either. */
export const OF_A_COPY = [...SCALING, 'AZRebalance'];

type Tools = { cloud: Cloud; lock: FleetLock };

/** What bake has suspended on a group and will resume there. */
export const frozenOf = (group: ScalingGroup): string[] => words(group.tags[TAG.suspended]);

const words = (text = '') => text.split(' ').filter((word) => word !== '');

/**
 * Suspends what scales a group, softly: sizes stay as they are, and what somebody else has suspended stays theirs. Noted before it is
 * done, in the fleet's record (for as long as the run takes) and in a tag of the group (for as long as it is at the back). Idempotent.
 */
export async function freeze({ cloud, lock }: Tools, group: ScalingGroup): Promise<void> {
  const fresh = SCALING.filter((process) => !group.suspendedProcesses.includes(process));
  await noteFrozen({ cloud, lock }, group.name, [...new Set([...frozenOf(group), ...fresh])]);
  await cloud.groups.suspend(group.name, fresh);
}

/** Notes what is, or is about to be, suspended on a group that exists. */
async function noteFrozen({ cloud, lock }: Tools, group: string, processes: string[]): Promise<void> {
  if (processes.length === 0) return;
  await noteInRecord(lock, group, processes);
  await cloud.groups.setTags(group, { [TAG.suspended]: processes.join(' ') }, { propagate: false });
}

/** Only in the record: the group is about to be made. */
export async function noteInRecord(lock: FleetLock, group: string, processes: string[]): Promise<void> {
  const others = (lock.record.suspended ?? []).filter((each) => each.group !== group);
  const ours = processes.length > 0 ? [{ group, processes }] : [];
  await lock.note({ suspended: [...others, ...ours] });
}

/** Lets a group scale again: resumes what bake has suspended there, and nothing else. Idempotent. */
export async function thaw({ cloud, lock }: Tools, group: ScalingGroup): Promise<void> {
  const noted = (lock.record.suspended ?? []).filter((each) => each.group === group.name);
  const processes = [...new Set([...frozenOf(group), ...noted.flatMap((each) => each.processes)])];
  if (processes.length > 0) await cloud.groups.resume(group.name, processes);
  if (group.tags[TAG.suspended] !== undefined) await cloud.groups.removeTags(group.name, [TAG.suspended]);
  if (noted.length > 0) await noteInRecord(lock, group.name, []);
}
