import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { requireGroup } from '../groups.ts';
import { isPending, isTerminating, membersOf } from '../members.ts';
import { endRefresh } from './end.ts';
import { activeRefresh, type RefreshRecord, update } from './record.ts';

/**
 * CancelInstanceRefresh: of a refresh or a rollback; undoes nothing. With `wait` it is Cancelling until instances on their way
 * in or out have arrived. Asked twice, the answer is the same. Throws ActiveInstanceRefreshNotFound.
 */
export function cancelRefresh(engine: Engine, name: string, wait: boolean): string {
  requireGroup(engine, name);
  const refresh = activeRefresh(engine, name);
  if (!refresh) {
    throw new ServiceError(
      'ActiveInstanceRefreshNotFound',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`,
    );
  }
  if (refresh.status === 'Cancelling') return refresh.id;
  update(engine, refresh, {
    status: 'Cancelling',
    statusReason: wait
      ? 'Cancelled due to user request.'
      : 'Cancelled without waiting for ongoing instance launches and terminations due to user request.',
    cancelWaits: wait,
    surge: 0,
    checkpointUntil: undefined,
    bakeUntil: undefined,
  });
  return refresh.id;
}

export function advanceCancel(engine: Engine, refresh: RefreshRecord): void {
  const moving = membersOf(engine, refresh.group).some(
    (member) => isPending(member) || isTerminating(member),
  );
  if (refresh.cancelWaits && moving) return;
  endRefresh(engine, refresh, 'Cancelled', refresh.statusReason);
}
