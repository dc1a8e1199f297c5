import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { sentence } from './activities.ts';
import { advanceDeletion } from './delete.ts';
import { type GroupRecord, groups, isSuspended } from './groups.ts';
import { checkHealth } from './health.ts';
import { backOff, launchMember } from './launch.ts';
import { advanceMember } from './lifecycle.ts';
import { isActive, type MemberRecord, membersOf, poolOf } from './members.ts';
import { surplusPurchase } from './mixed/purchase.ts';
import { unitsOf, weightOf } from './mixed/variants.ts';
import { configurationOf } from './refresh/configuration.ts';
import { scaleInGuard, surgeOf } from './refresh/guard.ts';
import { activeRefresh } from './refresh/record.ts';
import { beginTermination } from './termination.ts';
import { finishDetaching } from './traffic/sources.ts';
import { selectVictims } from './victims.ts';
import { keepPool } from './warm-pool/keep.ts';
import { takeFromPool } from './warm-pool/lifecycle.ts';

/** Keeps every group at its desired capacity, of healthy members, balanced over its zones. */
export function reconcileGroups(engine: Engine, now: number): number | undefined {
  const wakes = groups(engine)
    .all()
    .flatMap((group) => [...advanceMembers(engine, group, now), keepCapacity(engine, group.name, now)]);
  const due = wakes.filter((wake) => wake !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}

function advanceMembers(engine: Engine, group: GroupRecord, now: number): (number | undefined)[] {
  return [...membersOf(engine, group.name), ...poolOf(engine, group.name)].map((member) =>
    advanceMember(engine, group, member, now),
  );
}

/** Acts at most once per `group.tick`. Returns when it could act next, if there is anything to do. */
function keepCapacity(engine: Engine, name: string, now: number): number | undefined {
  const group = groups(engine).get(name) as GroupRecord;
  if (group.deleting) {
    advanceDeletion(engine, group);
    return undefined;
  }
  finishDetaching(engine, group);
  const all = membersOf(engine, name).map((member) => checkHealth(engine, group, member));
  const work = findWork(engine, group, all);
  if (work.unhealthy.length === 0 && work.missing <= 0 && work.surplus.length === 0) {
    return keepPool(engine, groups(engine).get(name) as GroupRecord, now);
  }
  const tick = group.actedAt + engine.latency.of('group.tick');
  if (now < tick) return tick;
  const onlyLaunches = work.unhealthy.length === 0 && work.surplus.length === 0;
  if (onlyLaunches && group.backoff && now < group.backoff.retryAt) return group.backoff.retryAt;
  act(engine, group, work, now);
  return now + engine.latency.of('group.tick');
}

interface Work {
  /** To be replaced. */
  unhealthy: MemberRecord[];
  /** To be scaled in. */
  surplus: MemberRecord[];
  /** How many are to be launched. */
  missing: number;
  active: number;
}

function findWork(engine: Engine, group: GroupRecord, all: MemberRecord[]): Work {
  const mayEnd = !isSuspended(group, 'Terminate');
  const mayReplace = mayEnd && !isSuspended(group, 'ReplaceUnhealthy');
  const active = all.filter(isActive);
  const unhealthy = mayReplace ? active.filter(({ healthy }) => !healthy) : [];
  const staying = active.filter((member) => !unhealthy.includes(member));
  const target = group.desired + surgeOf(engine, group);
  return {
    unhealthy,
    surplus: mayEnd ? surplusOf(engine, group, staying, unitsOf(staying) - target) : [],
    missing: isSuspended(group, 'Launch') ? 0 : target - unitsOf(staying),
    active: active.length,
  };
}

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
  const first = (member: MemberRecord) =>
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

function act(engine: Engine, group: GroupRecord, work: Work, now: number): void {
  groups(engine).patch(group.name, { actedAt: now });
  for (const member of work.unhealthy) {
    beginTermination(engine, group, member, {
      cause: `an instance was taken out of service in response to ${member.unhealthyBecause}`,
    });
  }
  const shrunk = work.active - work.surplus.length;
  for (const member of work.surplus) {
    beginTermination(engine, group, member, {
      reason: group.reason,
      cause: `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${work.active} to ${shrunk}`,
      returns: group.warmPool?.reuseOnScaleIn && !group.warmPool.deleting,
    });
  }
  const launched = launchMissing(engine, group, work, now);
  if (launched || work.missing <= 0) groups(engine).patch(group.name, { reason: '' });
}

/** True when all that were missing were launched. After a failure the group waits before it tries again. */
function launchMissing(engine: Engine, group: GroupRecord, work: Work, now: number): boolean {
  if (work.missing <= 0) return false;
  if (group.backoff && now < group.backoff.retryAt) return false;
  const configuration = configurationOf(engine, group);
  const cause = launchCause(engine, group, work, now);
  for (let launched = 0; launched < work.missing; ) {
    const warm = takeFromPool(engine, group, cause);
    const result = warm ?? launchMember(engine, group, configuration, cause);
    if (result instanceof ServiceError) {
      backOff(engine, group, result.message);
      return false;
    }
    launched += weightOf(result);
  }
  return true;
}

function launchCause(engine: Engine, group: GroupRecord, work: Work, now: number): string[] {
  const change = `increasing the capacity from ${work.active} to ${work.active + work.missing}`;
  if (group.reason) {
    const what = `an instance was started in response to a difference between desired and actual capacity, ${change}`;
    return [group.reason, sentence(now, what)];
  }
  if (work.unhealthy.length > 0)
    return [
      sentence(now, 'an instance was started in response to an unhealthy instance needing to be replaced'),
    ];
  if (activeRefresh(engine, group.name))
    return [sentence(now, 'an instance was started in response to an instance refresh')];
  return [
    sentence(
      now,
      `an instance was started in response to a difference between desired and actual capacity, ${change}`,
    ),
  ];
}
