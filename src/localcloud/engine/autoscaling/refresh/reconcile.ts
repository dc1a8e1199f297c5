import type { Engine } from '../../engine.ts';
import { groups, isSuspended, requireGroup } from '../groups.ts';
import { beginTermination } from '../termination.ts';
import { worstAlarm } from './alarms.ts';
import { advanceCancel } from './cancel.ts';
import { noteCheckpoint } from './checkpoints.ts';
import { endRefresh, fail, succeed } from './end.ts';
import { type Plan, planOf } from './plan.ts';
import { isPoolComplete, replacePool } from './pool.ts';
import { blockedAt, isComplete, nextWarm, noteProgress } from './progress.ts';
import { isActiveRefresh, isReplacing, type RefreshRecord, refreshes, update } from './record.ts';
import { type View, viewOf } from './view.ts';

/** Brings every instance refresh what is due further. */
export function reconcileRefreshes(engine: Engine, now: number): number | undefined {
  const wakes = refreshes(engine)
    .filter(isActiveRefresh)
    .flatMap((refresh) => advance(engine, refresh, now))
    .filter((wake) => wake !== undefined);
  return wakes.length > 0 ? Math.min(...wakes) : undefined;
}

function advance(engine: Engine, refresh: RefreshRecord, now: number): (number | undefined)[] {
  if (groups(engine).get(refresh.group)?.deleting !== false) {
    endRefresh(engine, refresh, 'Cancelled', 'Cancelled because the Auto Scaling group is being deleted.');
    return [];
  }
  switch (refresh.status) {
    case 'Pending':
      return [begin(engine, refresh, now)];
    case 'Cancelling':
      advanceCancel(engine, refresh);
      return [];
    case 'Baking':
      return [bake(engine, refresh, now)];
    default:
      return replace(engine, refresh, now);
  }
}

function begin(engine: Engine, refresh: RefreshRecord, now: number): number {
  const at = refresh.startedAt + engine.latency.of('refresh.tick');
  if (now >= at) update(engine, refresh, { status: 'InProgress', progressAt: now });
  return Math.max(at, now);
}

function bake(engine: Engine, refresh: RefreshRecord, now: number): number | undefined {
  if (alarmed(engine, refresh)) return undefined;
  if (now >= (refresh.bakeUntil ?? 0)) succeed(engine, refresh);
  return refresh.bakeUntil;
}

/** An alarm ends a refresh; a rollback is not watched: there is nothing better to go back to. */
function alarmed(engine: Engine, refresh: RefreshRecord): boolean {
  if (refresh.status === 'RollbackInProgress') return false;
  const worst = worstAlarm(engine, refresh.preferences.alarms);
  if (worst?.state !== 'ALARM') return false;
  fail(engine, refresh, `The CloudWatch alarm ${worst.name} is in the ALARM state.`);
  return true;
}

function replace(engine: Engine, started: RefreshRecord, now: number): (number | undefined)[] {
  const group = requireGroup(engine, started.group);
  if (isSuspended(group, 'InstanceRefresh')) return [pause(engine, started, now)];
  if (alarmed(engine, started)) return [];
  const resumed = started.pausedAt === undefined ? {} : { pausedAt: undefined, progressAt: now };
  const view = viewOf(engine, started);
  let refresh = noteProgress(engine, update(engine, started, resumed), view, now);
  refresh = noteCheckpoint(engine, refresh, now);
  const liveDone = isComplete(refresh, view);
  if (liveDone && mayReplace(engine, refresh)) replacePool(engine, refresh);
  if (liveDone && isPoolComplete(engine, refresh)) {
    complete(engine, refresh, now);
    return [now];
  }
  const tick = carryOut(engine, refresh, view, now);
  const blocked = blockedAt(engine, refresh, view);
  if (blocked !== undefined && now >= blocked) {
    fail(engine, refresh, `No progress for one hour. ${refresh.statusReason ?? ''}`.trim());
    return [now];
  }
  const checkpoint = (refresh.checkpointUntil ?? 0) > now ? refresh.checkpointUntil : undefined;
  return [tick, blocked, checkpoint, nextWarm(engine, refresh, view, now)];
}

function pause(engine: Engine, refresh: RefreshRecord, now: number): undefined {
  if (refresh.pausedAt === undefined) {
    update(engine, refresh, { pausedAt: now, statusReason: 'Paused: process InstanceRefresh is suspended.' });
  }
}

function complete(engine: Engine, refresh: RefreshRecord, now: number): void {
  if (!isReplacing(refresh)) return;
  const { bakeTime = 0 } = refresh.preferences;
  if (refresh.status === 'RollbackInProgress') {
    endRefresh(engine, refresh, 'RollbackSuccessful', refresh.rollback?.reason);
  } else if (bakeTime > 0) {
    const bakeUntil = now + engine.latency.scale(bakeTime * 1000);
    update(engine, refresh, { status: 'Baking', statusReason: undefined, surge: 0, bakeUntil });
  } else {
    succeed(engine, refresh);
  }
}

/** Acts at most once per `refresh.tick`; returns when it could, if there is anything to do. */
function carryOut(engine: Engine, refresh: RefreshRecord, view: View, now: number): number | undefined {
  if (!mayReplace(engine, refresh)) return undefined;
  const plan = planOf(engine, refresh, view);
  if (plan.end.length === 0 && plan.surge === refresh.surge) return undefined;
  const tick = refresh.actedAt + engine.latency.of('refresh.tick');
  if (now < tick) return tick;
  act(engine, refresh, plan, now);
  return now + engine.latency.of('refresh.tick');
}

function mayReplace(engine: Engine, refresh: RefreshRecord): boolean {
  const group = requireGroup(engine, refresh.group);
  if (isSuspended(group, 'Launch') || isSuspended(group, 'Terminate')) return false;
  return refresh.status === 'RollbackInProgress' || !worstAlarm(engine, refresh.preferences.alarms);
}

function act(engine: Engine, refresh: RefreshRecord, plan: Plan, now: number): void {
  const group = requireGroup(engine, refresh.group);
  update(engine, refresh, { surge: plan.surge, actedAt: now });
  for (const member of plan.end) {
    beginTermination(engine, group, member, {
      cause: 'an instance was taken out of service in response to an instance refresh',
      refresh: refresh.id,
    });
  }
}
