import type { Engine } from '../../engine.ts';
import { groups } from '../groups.ts';
import { type RefreshRecord, type RefreshStatus, update } from './record.ts';

/** The group gets the desired configuration now, and only now. */
export function succeed(engine: Engine, refresh: RefreshRecord): void {
  if (refresh.desired) {
    // A desired template without a policy takes the group's policy away: that is how the service has it.
    groups(engine).patch(refresh.group, { template: refresh.desired, mixed: refresh.desiredMixed });
  }
  endRefresh(engine, refresh, 'Successful');
}

/** Fails, or rolls back where that was asked for; a rollback that fails stays as it is. */
export function fail(engine: Engine, refresh: RefreshRecord, reason: string): void {
  if (refresh.status === 'RollbackInProgress') endRefresh(engine, refresh, 'RollbackFailed', reason);
  else if (refresh.preferences.autoRollback) beginRollback(engine, refresh, reason);
  else endRefresh(engine, refresh, 'Failed', reason);
}

export function endRefresh(
  engine: Engine,
  refresh: RefreshRecord,
  status: RefreshStatus,
  statusReason?: string,
): void {
  engine.log(`instance refresh ${refresh.id} of ${refresh.group}: ${status}`);
  update(engine, refresh, {
    status,
    statusReason,
    endedAt: engine.clock.now(),
    surge: 0,
    checkpointUntil: undefined,
    bakeUntil: undefined,
    pausedAt: undefined,
  });
}

/** Replaces what was replaced by the configuration saved on the group. */
export function beginRollback(engine: Engine, refresh: RefreshRecord, reason: string): void {
  const now = engine.clock.now();
  engine.log(`instance refresh ${refresh.id} of ${refresh.group}: rolling back: ${reason}`);
  // Failed launches of the new configuration say nothing about the old one.
  groups(engine).patch(refresh.group, { backoff: undefined });
  update(engine, refresh, {
    status: 'RollbackInProgress',
    statusReason: reason,
    rollback: { reason, startedAt: now, percent: refresh.percent, toUpdate: refresh.toUpdate },
    surge: 0,
    checkpointUntil: undefined,
    bakeUntil: undefined,
    progressAt: now,
    best: { done: 0, left: Number.MAX_SAFE_INTEGER },
  });
}
