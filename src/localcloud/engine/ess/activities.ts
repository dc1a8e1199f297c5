import type { Engine } from '../engine.ts';
import { type EssActivity, essActivities } from './records.ts';

/** Notes that something begins; returns its id. */
export function beginActivity(
  engine: Engine,
  groupId: string,
  what: Pick<EssActivity, 'description' | 'cause'> & Partial<EssActivity>,
): string {
  const activityId = engine.ids.resource('asa');
  essActivities(engine).put(activityId, {
    activityId,
    groupId,
    status: 'InProgress',
    startedAt: engine.clock.now(),
    created: [],
    destroyed: [],
    ...what,
  });
  return activityId;
}

export function endActivity(
  engine: Engine,
  activityId: string,
  status: EssActivity['status'],
  more: Partial<EssActivity> = {},
): void {
  const activity = essActivities(engine).get(activityId);
  if (activity?.status !== 'InProgress') return;
  essActivities(engine).patch(activityId, { status, endedAt: engine.clock.now(), ...more });
}
