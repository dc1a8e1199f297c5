import type { Engine } from '../../engine.ts';
import { hooksOf, LAUNCHING } from '../hooks.ts';
import { warmAt } from '../members.ts';
import { lastThreshold } from './checkpoints.ts';
import { isPoolComplete, poolProgress } from './pool.ts';
import { reasonOf } from './reasons.ts';
import { type RefreshRecord, update } from './record.ts';
import { type View, warmupOf } from './view.ts';

/** AWS gives up a refresh that has been blocked for an hour. */
const BLOCKED_MS = 3_600_000;

/** Brings the numbers that DescribeInstanceRefreshes shows up to date, and notes whether it got further. */
export function noteProgress(engine: Engine, refresh: RefreshRecord, view: View, now: number): RefreshRecord {
  const left = view.replaceable.length + view.blocked.length;
  const pool = poolProgress(engine, refresh);
  const further =
    view.done > refresh.best.done ||
    left < refresh.best.left ||
    (pool?.percent ?? 0) > (refresh.pool?.percent ?? 0);
  return update(engine, refresh, {
    ...numbers(refresh, view),
    pool,
    statusReason: reasonOf(engine, refresh, view) ?? refresh.rollback?.reason,
    ...(further && {
      progressAt: now,
      best: { done: Math.max(view.done, refresh.best.done), left: Math.min(left, refresh.best.left) },
    }),
  });
}

/** A rollback counts down to 0 and leaves the number of instances that were never updated as it was. */
function numbers(
  { rollback }: RefreshRecord,
  { total, done, desired, toUpdate, replaceable, blocked }: View,
): Pick<RefreshRecord, 'percent' | 'toUpdate'> {
  const percentOf = (part: number, whole: number) => Math.min(100, Math.floor((100 * part) / whole));
  if (rollback) {
    const left = replaceable.length + blocked.length;
    return {
      percent: left === 0 ? 0 : Math.min(rollback.percent, percentOf(left, Math.max(1, desired))),
      toUpdate: rollback.toUpdate,
    };
  }
  return { percent: total === 0 ? 100 : percentOf(done, total), toUpdate };
}

/** Nothing is left to replace, and everything that it set going has arrived. */
export function isComplete(refresh: RefreshRecord, view: View): boolean {
  const settled = view.active.length === view.desired && view.leaving.length === 0;
  return settled && nothingLeft(refresh, view);
}

function nothingLeft(refresh: RefreshRecord, view: View): boolean {
  const left = view.replaceable.length + view.blocked.length;
  if (refresh.status === 'RollbackInProgress')
    return left === 0 && view.news.every((each) => view.ready.includes(each));
  const threshold = lastThreshold(refresh);
  return refresh.percent >= threshold && (threshold < 100 || left === 0);
}

/**
 * When it will have been blocked for too long: an hour, beyond the longest that one launch may take in good order. Undefined while
 * only instances on their way out are waited for: hooks may hold them as long as they like.
 */
export function blockedAt(engine: Engine, refresh: RefreshRecord, view: View): number | undefined {
  const liveDone = nothingLeft(refresh, view) && view.active.length === view.desired;
  if (liveDone && isPoolComplete(engine, refresh)) return undefined;
  const hooks = hooksOf(engine, refresh.group, LAUNCHING).map(({ heartbeatTimeout }) => heartbeatTimeout);
  const launch = warmupOf(engine, refresh) + Math.max(0, ...hooks) * 1000;
  const since = Math.max(refresh.progressAt, refresh.checkpointUntil ?? 0);
  return since + launch + engine.latency.scale(BLOCKED_MS);
}

/** When the next member will have warmed up. */
export function nextWarm(
  engine: Engine,
  refresh: RefreshRecord,
  view: View,
  now: number,
): number | undefined {
  const due = view.active
    .map((member) => warmAt(member, warmupOf(engine, refresh)))
    .filter((at) => at !== undefined && at > now) as number[];
  return due.length > 0 ? Math.min(...due) : undefined;
}
