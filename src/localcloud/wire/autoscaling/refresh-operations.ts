import { requireGroup } from '../../engine/autoscaling/groups.ts';
import { cancelRefresh } from '../../engine/autoscaling/refresh/cancel.ts';
import { isActiveRefresh, type RefreshRecord, refreshes } from '../../engine/autoscaling/refresh/record.ts';
import { rollbackRefresh } from '../../engine/autoscaling/refresh/rollback.ts';
import { startRefresh } from '../../engine/autoscaling/refresh/start.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';
import { readRefresh } from './refresh-request.ts';
import { viewRefresh } from './refresh-view.ts';

export const StartInstanceRefresh: Operation = (input, { engine }) => ({
  InstanceRefreshId: startRefresh(engine, input.require('AutoScalingGroupName'), readRefresh(input)),
});

export const CancelInstanceRefresh: Operation = (input, { engine }) => ({
  InstanceRefreshId: cancelRefresh(
    engine,
    input.require('AutoScalingGroupName'),
    input.bool('WaitForTransitioningInstances') ?? true,
  ),
});

export const RollbackInstanceRefresh: Operation = (input, { engine }) => ({
  InstanceRefreshId: rollbackRefresh(engine, input.require('AutoScalingGroupName')),
});

/** Those of the last six weeks: active ones first, then the newest first. */
export const DescribeInstanceRefreshes: Operation = (input, { engine }) => {
  const { name } = requireGroup(engine, input.require('AutoScalingGroupName'));
  const ids = input.list('InstanceRefreshIds');
  const found = refreshes(engine)
    .filter(({ group, id }) => group === name && (ids.length === 0 || ids.includes(id)))
    .filter(({ startedAt }) => engine.clock.now() - startedAt <= SIX_WEEKS_MS)
    .reverse()
    .sort(newestFirst);
  const { items, next } = pageOf(input, found);
  return { InstanceRefreshes: items.map((refresh) => viewRefresh(engine, refresh)), NextToken: next };
};

const SIX_WEEKS_MS = 42 * 24 * 3_600_000;

const newestFirst = (a: RefreshRecord, b: RefreshRecord) =>
  Number(isActiveRefresh(b)) - Number(isActiveRefresh(a)) || b.startedAt - a.startedAt;
