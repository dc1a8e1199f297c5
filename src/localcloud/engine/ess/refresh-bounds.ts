import type { Engine } from '../engine.ts';
import { type EssGroup, type EssMember, type EssRefresh, isLive, membersOf } from './records.ts';

/** At least so many instances go on serving. Rounded up. */
export const lowerOf = (desired: number, { minHealthy }: EssRefresh): number =>
  Math.ceil((desired * minHealthy) / 100);

/** At most so many instances there are. Where the percentages leave no room at all (80 and 120 of one), one more comes first. */
export function upperOf(desired: number, refresh: EssRefresh): number {
  const upper = Math.floor((desired * refresh.maxHealthy) / 100);
  const noRoom = lowerOf(desired, refresh) >= desired && upper <= desired;
  return noRoom ? desired + 1 : upper;
}

/** How many members more than desired a refresh wants now: as many as it may have, and has to replace before it pauses. */
export function surgeOf(engine: Engine, group: EssGroup, refresh: EssRefresh): number {
  if (!isMoving(refresh)) return 0;
  return Math.max(0, Math.min(upperOf(group.desired, refresh) - group.desired, replaceable(engine, refresh)));
}

const isMoving = ({ status }: EssRefresh) => status === 'InProgress' || status === 'RollbackInProgress';

/** Members that a refresh has to replace and that are still there. Rolling back: those that it has brought. */
export function outdated(engine: Engine, refresh: EssRefresh): EssMember[] {
  const isOld =
    refresh.status === 'RollbackInProgress'
      ? (member: EssMember) => member.refreshId === refresh.taskId
      : ({ instanceId }: EssMember) => refresh.toUpdate.includes(instanceId);
  return membersOf(engine, refresh.groupId).filter(
    (member) => isLive(member) && isRefreshed(member) && isOld(member),
  );
}

/** Whom a refresh replaces at all. Source: ESS, StartInstanceRefresh: not what was attached, is protected or in standby. */
export const isRefreshed = ({ attached, state }: EssMember): boolean =>
  !attached && state !== 'Protected' && state !== 'Standby';

/** How many of them may go before the next checkpoint is reached. */
export function replaceable(engine: Engine, refresh: EssRefresh): number {
  const left = outdated(engine, refresh).length;
  const next = refresh.checkpoints.find((at) => at > refresh.reached && at < 100);
  if (next === undefined || refresh.status === 'RollbackInProgress') return left;
  const gone = refresh.total - left;
  return Math.max(0, Math.min(left, Math.ceil((refresh.total * next) / 100) - gone));
}
