import type { Engine } from '../engine.ts';
import { removeMember } from './lifecycle.ts';
import {
  type EssGroup,
  type EssMember,
  type EssRefresh,
  essGroups,
  essRefreshes,
  isLive,
  isServing,
  membersOf,
} from './records.ts';

/** ESS gives a task up after a week. */
const LONGEST = 7 * 24 * 3_600_000;

/** How many members more than desired a refresh may have now; 0 without one. */
export function surgeOf(group: EssGroup, refresh: EssRefresh | undefined): number {
  if (refresh === undefined || !isMoving(refresh)) return 0;
  const most = Math.floor((group.desired * refresh.maxHealthy) / 100);
  return Math.max(0, most - group.desired);
}

const isMoving = ({ status }: EssRefresh) => status === 'InProgress' || status === 'RollbackInProgress';

/** Members that a refresh has to replace and that are still there. Rolling back: those that it has brought. */
export function outdated(engine: Engine, refresh: EssRefresh): EssMember[] {
  const members = membersOf(engine, refresh.groupId).filter(
    (member) => isLive(member) && !member.attached && member.state !== 'Protected',
  );
  if (refresh.status !== 'RollbackInProgress')
    return members.filter(({ instanceId }) => refresh.toUpdate.includes(instanceId));
  return members.filter(({ templateVersion }) => templateVersion === refresh.template.version);
}

/** One step of a refresh; returns when it wants to be looked at again. */
export function stepRefresh(
  engine: Engine,
  group: EssGroup,
  refresh: EssRefresh,
  now: number,
): number | undefined {
  const set = (fields: Partial<EssRefresh>) => essRefreshes(engine).patch(refresh.taskId, fields);
  const end = (status: EssRefresh['status'], detail = '') => void set({ status, detail, endedAt: now });
  if (now > refresh.startedAt + LONGEST) return end('Failed', 'The task has run for more than a week.');
  switch (refresh.status) {
    case 'Pending':
      set({ status: 'InProgress' });
      return now;
    case 'Cancelling':
      return end('Cancelled');
    case 'Paused':
      return undefined;
    case 'CheckpointPause':
      if (now < refresh.pausedUntil!) return refresh.pausedUntil;
      set({ status: 'InProgress', pausedUntil: undefined });
      return now;
    case 'InProgress': {
      const { share, checkpoint } = progressOf(engine, refresh);
      if (checkpoint !== undefined) {
        const pausedUntil = now + engine.latency.scale(refresh.checkpointPause);
        set({ status: 'CheckpointPause', reached: checkpoint, pausedUntil });
        return pausedUntil;
      }
      if (share >= 100) {
        // Only now does the group launch what the refresh has brought.
        const { id, version } = refresh.template;
        essGroups(engine).patch(group.groupId, { templateId: id, templateVersion: String(version) });
        return end('Successful');
      }
      return replace(engine, group, refresh);
    }
    case 'RollbackInProgress': {
      const settled = membersOf(engine, group.groupId).filter(isLive).every(isServing);
      if (outdated(engine, refresh).length === 0 && settled) return end('RollbackSuccessful');
      return replace(engine, group, refresh);
    }
    default:
      return undefined;
  }
}

/** Per cent of what had to be replaced that is, with as many in service as wanted; and the checkpoint that is reached by that. */
export function progressOf(
  engine: Engine,
  refresh: EssRefresh,
): { finished: number; share: number; checkpoint?: number } {
  const group = essGroups(engine).get(refresh.groupId)!;
  const members = membersOf(engine, refresh.groupId);
  const left = outdated(engine, refresh).length;
  const missing = Math.max(0, group.desired - members.filter(isServing).length);
  const finished = Math.max(0, refresh.total - Math.max(left, left + missing));
  const share = refresh.total === 0 ? 100 : Math.floor((finished * 100) / refresh.total);
  const checkpoint = refresh.checkpoints
    .filter((at) => at <= share && at < 100 && at > refresh.reached)
    .at(-1);
  return { finished, share, checkpoint };
}

/** Takes as many of the old ones out as the lower bound allows; capacity launches the new ones. */
function replace(engine: Engine, group: EssGroup, refresh: EssRefresh): undefined {
  const serving = membersOf(engine, group.groupId).filter(isServing).length;
  const least = Math.ceil((group.desired * refresh.minHealthy) / 100);
  const old = outdated(engine, refresh).sort((a, b) => a.since - b.since);
  let spare = serving - least;
  for (const member of old) {
    const works = isServing(member);
    if (works && spare <= 0) continue;
    if (works && isAtCheckpoint(engine, refresh, old.length)) return;
    if (works) spare--;
    removeMember(engine, group, member, `Instance refresh task ${refresh.taskId}.`);
  }
}

/** Not beyond the next checkpoint: what is replaced further waits until it has been paused at. */
function isAtCheckpoint(engine: Engine, refresh: EssRefresh, left: number): boolean {
  const next = refresh.checkpoints.find((at) => at > refresh.reached && at < 100);
  if (next === undefined || refresh.status !== 'InProgress') return false;
  const now = outdated(engine, refresh).length;
  return refresh.total - Math.min(left, now) >= Math.ceil((refresh.total * next) / 100);
}
