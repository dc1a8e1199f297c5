import type { Engine } from '../engine.ts';
import { removeMember } from './lifecycle.ts';
import {
  type EssGroup,
  type EssRefresh,
  essActivities,
  essGroups,
  essRefreshes,
  hasEnded,
  isLive,
  isServing,
  membersOf,
} from './records.ts';
import { lowerOf, outdated, replaceable } from './refresh-bounds.ts';

/** ESS gives a task up after a week. Milliseconds. */
const LONGEST = 7 * 24 * 3_600_000;

/** One step of a refresh; returns when it wants to be looked at again. */
export function stepRefresh(
  engine: Engine,
  group: EssGroup,
  refresh: EssRefresh,
  now: number,
): number | undefined {
  const set = (fields: Partial<EssRefresh>) => essRefreshes(engine).patch(refresh.taskId, fields);
  const end = (status: EssRefresh['status'], detail = '') => endRefresh(engine, refresh, status, detail);
  const longest = refresh.startedAt + LONGEST;
  if (now >= longest)
    return end(
      refresh.status === 'RollbackInProgress' ? 'RollbackFailed' : 'Failed',
      'The task exceeded its maximum run time of one week. So the task failed.',
    );
  switch (refresh.status) {
    case 'Pending':
      set({ status: 'InProgress' });
      return now;
    case 'Cancelling':
      return end('Cancelled');
    case 'CheckpointPause':
      if (now < refresh.pausedUntil!) return Math.min(refresh.pausedUntil!, longest);
      set({ status: 'InProgress', pausedUntil: undefined });
      return now;
    case 'InProgress': {
      const { finished, checkpoint } = progressOf(engine, refresh);
      if (checkpoint !== undefined) {
        const pausedUntil = now + engine.latency.scale(refresh.checkpointPause);
        set({ status: 'CheckpointPause', reached: checkpoint, pausedUntil });
        return pausedUntil;
      }
      if (finished >= refresh.total) {
        if (isTakingOut(engine, refresh)) return longest;
        // Only now does the group launch by itself what the refresh has brought.
        const { id, named } = refresh.template;
        essGroups(engine).patch(group.groupId, { templateId: id, templateVersion: named });
        return end('Successful');
      }
      replace(engine, group, refresh);
      return longest;
    }
    case 'RollbackInProgress': {
      if (outdated(engine, refresh).length === 0 && missing(engine, group) === 0)
        return isTakingOut(engine, refresh) ? longest : end('RollbackSuccessful');
      replace(engine, group, refresh);
      return longest;
    }
    default:
      return longest;
  }
}

function endRefresh(
  engine: Engine,
  refresh: EssRefresh,
  status: EssRefresh['status'],
  detail: string,
): undefined {
  const { finished } = progressOf(engine, refresh);
  essRefreshes(engine).patch(refresh.taskId, {
    status,
    detail,
    finished,
    endedAt: engine.clock.now(),
    pausedUntil: undefined,
  });
}

/** Whether an instance is still on its way out (drained by a hook, say) because of the refresh. */
const isTakingOut = (engine: Engine, { groupId, taskId }: EssRefresh): boolean =>
  membersOf(engine, groupId).some(
    (member) => !isLive(member) && essActivities(engine).get(member.activityId)?.refreshId === taskId,
  );

const missing = (engine: Engine, { groupId, desired }: EssGroup): number =>
  Math.max(
    0,
    desired - membersOf(engine, groupId).filter((one) => isServing(one) || one.state === 'Standby').length,
  );

/** How many of what had to be replaced are, with as many serving as wanted; and the checkpoint that is reached by that. */
export function progressOf(engine: Engine, refresh: EssRefresh): { finished: number; checkpoint?: number } {
  if (hasEnded(refresh)) return { finished: refresh.finished };
  const group = essGroups(engine).get(refresh.groupId)!;
  const going = { ...refresh, status: 'InProgress' as const };
  const left = outdated(engine, going).length + missing(engine, group);
  const finished = Math.max(0, refresh.total - left);
  const checkpoint = refresh.checkpoints
    .filter((at) => at < 100 && at > refresh.reached && finished >= Math.ceil((refresh.total * at) / 100))
    .at(-1);
  return { finished, checkpoint };
}

/** Takes as many of the old ones out as the lower bound and the next checkpoint allow; capacity launches the new ones. */
function replace(engine: Engine, group: EssGroup, refresh: EssRefresh): void {
  if (group.suspended.includes('ScaleIn')) return;
  const serving = membersOf(engine, group.groupId).filter(isServing).length;
  const old = outdated(engine, refresh).sort(
    (a, b) => Number(isServing(a)) - Number(isServing(b)) || a.addedAt - b.addedAt,
  );
  let spare = serving - lowerOf(group.desired, refresh);
  for (const member of old.slice(0, replaceable(engine, refresh))) {
    if (isServing(member) && spare-- <= 0) return;
    removeMember(engine, group, member, `Instance refresh task "${refresh.taskId}".`);
  }
}
