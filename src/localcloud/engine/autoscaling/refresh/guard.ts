import type { Engine } from '../../engine.ts';
import type { GroupRecord } from '../groups.ts';
import { type MemberRecord, membersOf } from '../members.ts';
import { instancesFor, weightOf } from '../mixed/variants.ts';
import { boundsOf } from './bounds.ts';
import { activeRefresh, isReplacing } from './record.ts';
import { isReady, judge } from './view.ts';

/** How much above its desired capacity the group keeps for a refresh, in units of capacity. */
export function surgeOf(engine: Engine, group: GroupRecord): number {
  const refresh = activeRefresh(engine, group.name);
  if (!refresh || !isReplacing(refresh)) return 0;
  const heaviest = Math.max(1, ...membersOf(engine, group.name).map(weightOf));
  return refresh.surge * heaviest;
}

export interface ScaleInGuard {
  /** Orders victims: what the refresh would replace anyway goes first. */
  first(member: MemberRecord): number;
  /** Takes from the victims those that the refresh's lower bound needs. */
  limit(victims: MemberRecord[]): MemberRecord[];
}

/** Scale-in while a refresh runs: old instances first, and never more ready ones than its lower bound leaves. */
export function scaleInGuard(engine: Engine, group: GroupRecord, staying: MemberRecord[]): ScaleInGuard {
  const refresh = activeRefresh(engine, group.name);
  if (!refresh || !isReplacing(refresh)) return { first: () => 0, limit: (victims) => victims };
  const fate = judge(engine, refresh);
  const { lower } = boundsOf(instancesFor(group.desired, staying), refresh.preferences);
  let room = staying.filter((member) => isReady(engine, refresh, member)).length - lower;
  return {
    first: (member) => (fate(member) === 'new' ? 1 : 0),
    limit: (victims) => victims.filter((member) => !isReady(engine, refresh, member) || room-- > 0),
  };
}
