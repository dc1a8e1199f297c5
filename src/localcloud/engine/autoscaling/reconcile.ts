import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { sentence } from './activities.ts';
import { advanceDeletion } from './delete.ts';
import { type GroupRecord, groups } from './groups.ts';
import { checkHealth } from './health.ts';
import { backOff, launchMember } from './launch.ts';
import { advanceMember } from './lifecycle.ts';
import { members, membersOf, poolOf } from './members.ts';
import { weightOf } from './mixed/variants.ts';
import type { Rebalance } from './rebalance.ts';
import { configurationOf } from './refresh/configuration.ts';
import { activeRefresh } from './refresh/record.ts';
import { beginTermination } from './termination.ts';
import { finishDetaching } from './traffic/sources.ts';
import { keepPool } from './warm-pool/keep.ts';
import { takeFromPool } from './warm-pool/lifecycle.ts';
import { findWork, isIdle, type Work } from './work.ts';

/** Zones are evened out when the group has done nothing else for so long, before the engine's speed. */
const QUIET_MS = 60_000;

/** Keeps every group at its desired capacity, of healthy members, balanced over its zones. */
export function reconcileGroups(engine: Engine, now: number): number | undefined {
  const wakes = groups(engine)
    .all()
    .flatMap((group) => [...advanceMembers(engine, group, now), keepCapacity(engine, group.name, now)]);
  const due = wakes.filter((wake) => wake !== undefined && Number.isFinite(wake)) as number[];
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
  const even = work.rebalance && group.actedAt + engine.latency.scale(QUIET_MS);
  if (isIdle(work) && (even === undefined || now < even)) {
    const pool = keepPool(engine, groups(engine).get(name) as GroupRecord, now);
    return Math.min(even ?? Number.POSITIVE_INFINITY, pool ?? Number.POSITIVE_INFINITY);
  }
  const tick = group.actedAt + engine.latency.of('group.tick');
  if (now < tick) return tick;
  const onlyLaunches = work.replaced.length === 0 && work.surplus.length === 0;
  if (onlyLaunches && group.backoff && now < group.backoff.retryAt) return group.backoff.retryAt;
  act(engine, group, work, now);
  return now + engine.latency.of('group.tick');
}

function act(engine: Engine, group: GroupRecord, work: Work, now: number): void {
  groups(engine).patch(group.name, { actedAt: now });
  for (const member of work.replaced) {
    const why = member.healthy ? 'the maximum instance lifetime being reached' : member.unhealthyBecause;
    beginTermination(engine, group, member, {
      cause: `an instance was taken out of service in response to ${why}`,
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
  if (work.rebalance) evenOut(engine, group, work.rebalance);
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

function evenOut(engine: Engine, group: GroupRecord, { place, cause }: Rebalance): void {
  const configuration = { ...configurationOf(engine, group), place };
  const result = launchMember(engine, group, configuration, [cause]);
  if (result instanceof ServiceError) backOff(engine, group, result.message);
  else members(engine).patch(result.instanceId, { rebalances: true });
}

function launchCause(engine: Engine, group: GroupRecord, work: Work, now: number): string[] {
  const change = `increasing the capacity from ${work.active} to ${work.active + work.missing}`;
  if (group.reason) {
    const what = `an instance was started in response to a difference between desired and actual capacity, ${change}`;
    return [group.reason, sentence(now, what)];
  }
  if (work.replaced.length > 0)
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
