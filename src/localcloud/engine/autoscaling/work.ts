import type { Engine } from '../engine.ts';
import { type GroupRecord, isSuspended, zonesOf } from './groups.ts';
import { isActive, isPending, type MemberRecord } from './members.ts';
import { surplusPurchase } from './mixed/purchase.ts';
import { unitsOf, weightOf } from './mixed/variants.ts';
import { type Rebalance, rebalanceOf } from './rebalance.ts';
import { scaleInGuard, surgeOf } from './refresh/guard.ts';
import { outlivedOf, upkeepOf } from './upkeep.ts';
import { selectVictims } from './victims.ts';

/** What a group has to do at this moment to be as it should be. */
export interface Work {
  /** To be replaced: unhealthy, or beyond the maximum lifetime. */
  replaced: MemberRecord[];
  /** To be scaled in. */
  surplus: MemberRecord[];
  /** How many units are to be launched. */
  missing: number;
  /** A launch that evens out the zones; only when there is nothing else. */
  rebalance?: Rebalance;
  active: number;
}

export function findWork(engine: Engine, group: GroupRecord, all: MemberRecord[]): Work {
  const mayEnd = !isSuspended(group, 'Terminate');
  const mayReplace = mayEnd && !isSuspended(group, 'ReplaceUnhealthy');
  const active = all.filter(isActive);
  const unhealthy = mayReplace ? active.filter(({ healthy }) => !healthy) : [];
  const outdated = [...unhealthy, ...(mayEnd ? outlivedOf(engine, group, all) : [])];
  const staying = active.filter((member) => !outdated.includes(member));
  const { end, mayLaunch } = upkeepOf(engine, group, outdated, staying);
  const target = group.desired + surgeOf(engine, group);
  // What is launched to even out the zones is a surplus only when it is in service.
  const counted = staying.filter((member) => !(member.rebalances && isPending(member)));
  const work = {
    replaced: end,
    surplus: mayEnd ? surplusOf(engine, group, staying, unitsOf(counted) - target) : [],
    missing: isSuspended(group, 'Launch') ? 0 : Math.min(target - unitsOf(staying), mayLaunch),
    active: active.length,
  };
  const even = outdated.length > 0 || !isIdle(work) || active.some(isPending);
  return even ? work : { ...work, rebalance: rebalanceOf(engine, group, all) };
}

export const isIdle = ({ replaced, surplus, missing }: Work) =>
  replaced.length === 0 && surplus.length === 0 && missing <= 0;

function surplusOf(
  engine: Engine,
  group: GroupRecord,
  staying: MemberRecord[],
  units: number,
): MemberRecord[] {
  if (units <= 0) return [];
  const candidates = staying.filter((member) => !member.protected);
  const guard = scaleInGuard(engine, group, staying);
  const purchase = surplusPurchase(group, staying);
  const zones = zonesOf(group);
  const first = (member: MemberRecord) =>
    4 * Number(zones.includes(member.zone)) +
    2 * guard.first(member) +
    Number(purchase !== undefined && (purchase === 'spot') !== (member.spot ?? false));
  let left = units;
  const fitting = selectVictims(engine, group, candidates, units, first).filter((member) => {
    if (weightOf(member) > left) return false;
    left -= weightOf(member);
    return true;
  });
  return guard.limit(fitting);
}
