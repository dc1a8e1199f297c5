import type { Engine } from '../../engine.ts';
import { sentence } from '../activities.ts';
import { groups, isSuspended } from '../groups.ts';
import { type ScheduleRecord, scheduleKey, schedules } from './records.ts';
import { nextRecurrence } from './recurrence.ts';

/** Carries out every scheduled action that is due. The clock's own time: schedules are people's, whatever the engine's speed. */
export function reconcileSchedules(engine: Engine, now: number): number | undefined {
  for (const schedule of schedules(engine).all()) {
    if (schedule.dueAt === undefined || schedule.dueAt > now) continue;
    carryOut(engine, schedule, now);
    moveOn(engine, schedule, now);
  }
  const due = schedules(engine)
    .all()
    .flatMap(({ dueAt }) => dueAt ?? []);
  return due.length > 0 ? Math.min(...due) : undefined;
}

/** Sizes that are not named stay, but for what the bounds ask of the desired capacity. */
function carryOut(engine: Engine, schedule: ScheduleRecord, now: number): void {
  const group = groups(engine).get(schedule.group);
  if (!group || group.deleting) return;
  if (isSuspended(group, 'ScheduledActions')) {
    engine.log(
      `scheduled action ${schedule.name} of ${group.name}: not carried out, the process is suspended`,
    );
    return;
  }
  const min = schedule.min ?? group.min;
  const max = Math.max(schedule.max ?? group.max, min);
  const desired = Math.min(Math.max(schedule.desired ?? group.desired, min), max);
  const changes = [
    ...(min === group.min ? [] : [`min size from ${group.min} to ${min}`]),
    ...(max === group.max ? [] : [`max size from ${group.max} to ${max}`]),
    ...(desired === group.desired ? [] : [`desired capacity from ${group.desired} to ${desired}`]),
  ];
  groups(engine).patch(group.name, {
    min,
    max,
    desired,
    backoff: undefined,
    ...(desired !== group.desired && {
      scaledAt: now,
      reason: `${sentence(schedule.dueAt ?? now, `the scheduled action ${schedule.name} executed`)}  ${sentence(now, `it changed ${changes.join(', ')}`)}`,
    }),
  });
}

/** What will not come again is forgotten, as the service does. */
function moveOn(engine: Engine, schedule: ScheduleRecord, now: number): void {
  const { group, name, recurrence, timeZone = 'UTC', end } = schedule;
  const next = recurrence === undefined ? undefined : nextRecurrence(recurrence, timeZone, now);
  if (next === undefined || (end !== undefined && next > end)) {
    schedules(engine).delete(scheduleKey(group, name));
  } else {
    schedules(engine).patch(scheduleKey(group, name), { dueAt: next, start: next });
  }
}
