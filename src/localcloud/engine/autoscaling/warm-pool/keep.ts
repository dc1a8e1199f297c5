import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { sentence } from '../activities.ts';
import { type GroupRecord, groups, isSuspended } from '../groups.ts';
import { backOff, launchMember } from '../launch.ts';
import { isTerminating, poolOf } from '../members.ts';
import { configurationOf } from '../refresh/configuration.ts';
import { beginTermination } from '../termination.ts';
import { poolSize } from './size.ts';

/** Fills or empties the pool, at most once per `group.tick`; returns when it could, if there is anything to do. */
export function keepPool(engine: Engine, group: GroupRecord, now: number): number | undefined {
  if (!group.warmPool) return undefined;
  const pool = poolOf(engine, group.name);
  if (group.warmPool.deleting && pool.length === 0) {
    groups(engine).patch(group.name, { warmPool: undefined });
    return undefined;
  }
  const staying = pool.filter((member) => !isTerminating(member) && member.healthy);
  const sick = pool.filter((member) => !isTerminating(member) && !member.healthy);
  const missing = poolSize(group) - staying.length;
  const idle = missing === 0 || isSuspended(group, missing > 0 ? 'Launch' : 'Terminate');
  if (idle && sick.length === 0) return undefined;
  const tick = group.actedAt + engine.latency.of('group.tick');
  if (now < tick) return tick;
  if (missing > 0 && group.backoff && now < group.backoff.retryAt) return group.backoff.retryAt;
  groups(engine).patch(group.name, { actedAt: now });
  for (const member of sick) {
    beginTermination(engine, group, member, {
      cause: `an instance was taken out of the warm pool in response to ${member.unhealthyBecause}`,
    });
  }
  if (missing > 0 && !idle) fill(engine, group, missing, now);
  for (const member of staying.slice(0, idle ? 0 : Math.max(0, -missing))) {
    beginTermination(engine, group, member, {
      cause: 'an instance was taken out of the warm pool in response to a change of its size',
      skipHooks: group.warmPool.deleting,
    });
  }
  return now + engine.latency.of('group.tick');
}

function fill(engine: Engine, group: GroupRecord, missing: number, now: number): void {
  const cause = sentence(now, 'an instance was started in response to a warm pool that lacks instances');
  for (let launched = 0; launched < missing; launched++) {
    const result = launchMember(engine, group, { ...configurationOf(engine, group), warm: true }, [cause]);
    if (!(result instanceof ServiceError)) continue;
    backOff(engine, group, result.message);
    return;
  }
}
