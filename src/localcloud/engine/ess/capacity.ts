import type { Engine } from '../engine.ts';
import { launchMember } from './launch.ts';
import { removeMember } from './lifecycle.ts';
import { activeRefresh, type EssGroup, isLive, membersOf } from './records.ts';
import { surgeOf, upperOf } from './refresh-bounds.ts';
import { victims } from './removal.ts';

/**
 * As many members as wanted: more of them while a refresh moves and allows it, never more than it allows at all. Returns when to
 * look again.
 */
export function keepCapacity(engine: Engine, group: EssGroup, now: number): number | undefined {
  const { groupId, desired, suspended, launchAfter = 0 } = group;
  const refresh = activeRefresh(engine, groupId);
  const live = membersOf(engine, groupId).filter(isLive).length;
  const wanted = desired + (refresh ? surgeOf(engine, group, refresh) : 0);
  if (live < wanted) {
    if (suspended.includes('ScaleOut')) return undefined;
    if (now < launchAfter) return launchAfter;
    for (let missing = wanted - live; missing > 0; missing--)
      if (!launchMember(engine, group, causeOf(group, live))) return undefined;
    return undefined;
  }
  // What a refresh has launched beyond the desired capacity makes room for what it ends; without one, it is too many.
  const most = refresh ? Math.max(upperOf(desired, refresh), desired) : desired;
  if (live > most && !suspended.includes('ScaleIn'))
    for (const member of victims(engine, group).slice(0, live - most))
      removeMember(engine, group, member, causeOf(group, live), {
        keeps: member.attached && !member.entrusted,
      });
  return undefined;
}

const causeOf = ({ desired }: EssGroup, live: number) =>
  `The scaling group has "${live}" instances, and its desired capacity is "${desired}".`;
