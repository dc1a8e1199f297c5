import { alarms } from '../../cloudwatch/alarms.ts';
import type { Engine } from '../../engine.ts';
import { sentence } from '../activities.ts';
import { type GroupRecord, groups } from '../groups.ts';
import { adjusted } from './adjust.ts';
import { type PolicyRecord, policiesOf } from './record.ts';
import { warmUnits, warmupOf } from './warmth.ts';

/** Puts the capacity where a policy wants it, within the group's bounds; false when it is there already. `why` has neither time nor full stop. */
function changeCapacity(engine: Engine, group: GroupRecord, wanted: number, why: string): boolean {
  const desired = Math.min(Math.max(wanted, group.min), group.max);
  if (desired === group.desired) return false;
  const now = engine.clock.now();
  groups(engine).patch(group.name, {
    desired,
    scaledAt: now,
    backoff: undefined,
    reason: sentence(now, `${why} changing the desired capacity from ${group.desired} to ${desired}`),
  });
  return true;
}

/** A simple policy acts only when the cooldown of the one before is over. Returns false while it is not. */
export function applySimple(engine: Engine, group: GroupRecord, policy: PolicyRecord, why: string): boolean {
  const now = engine.clock.now();
  if (now < (group.cooldownUntil ?? 0)) return false;
  if (!changeCapacity(engine, group, adjusted(group.desired, policy.adjustment ?? 0, policy), why))
    return true;
  const cooldown = engine.latency.scale(1000 * (policy.cooldown ?? group.defaultCooldown));
  groups(engine).patch(group.name, { cooldownUntil: now + cooldown });
  return true;
}

/**
 * A step policy counts from what has warmed up, so that instances on their way are not launched twice; while some are, nothing is
 * scaled in.
 */
export function applyStep(
  engine: Engine,
  group: GroupRecord,
  policy: PolicyRecord,
  { adjustment, why }: { adjustment: number; why: string },
): void {
  const warm = warmUnits(engine, group, policy);
  const grows = adjusted(group.desired, adjustment, policy) > group.desired;
  if (grows) changeCapacity(engine, group, Math.max(group.desired, adjusted(warm, adjustment, policy)), why);
  else if (warm >= group.desired)
    changeCapacity(engine, group, adjusted(group.desired, adjustment, policy), why);
}

/** In proportion to the metric, from what has warmed up: the load is on those. */
export function trackOut(
  engine: Engine,
  group: GroupRecord,
  policy: PolicyRecord,
  { value, why }: { value: number; why: string },
): void {
  const warm = warmUnits(engine, group, policy);
  const target = policy.tracking?.TargetValue ?? 1;
  const wanted = Math.ceil((Math.max(1, warm) * value) / target);
  const least = warm >= group.desired ? group.desired + 1 : group.desired;
  changeCapacity(engine, group, Math.max(wanted, least), why);
}

/** A tenth of the capacity at a time, at least one. */
const GENTLY = 0.9;

/**
 * Careful: only when everything has warmed up, a warmup after the last change, when all target tracking policies of the group agree,
 * and a tenth at most. The service says "more gradually" and not how; the tenth is this cloud's.
 */
export function trackIn(
  engine: Engine,
  group: GroupRecord,
  policy: PolicyRecord,
  { value, why }: { value: number; why: string },
): void {
  if (warmUnits(engine, group, policy) < group.desired) return;
  if (engine.clock.now() < group.scaledAt + warmupOf(engine, group, policy)) return;
  if (!policiesOf(engine, group.name).every((other) => agrees(engine, other))) return;
  const target = policy.tracking?.TargetValue ?? 1;
  const wanted = Math.ceil((group.desired * value) / target);
  changeCapacity(engine, group, Math.max(wanted, Math.floor(group.desired * GENTLY)), why);
}

function agrees(engine: Engine, { own, enabled }: PolicyRecord): boolean {
  return !enabled || own?.low === undefined || alarms(engine).get(own.low)?.state === 'ALARM';
}
