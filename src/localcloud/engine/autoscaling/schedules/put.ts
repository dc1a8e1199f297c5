import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { invalid, requireLiveGroup } from '../groups.ts';
import { type ScheduleRecord, scheduleKey, schedules, schedulesOf } from './records.ts';
import { checkTimeZone, nextRecurrence } from './recurrence.ts';

export type ScheduleRequest = Omit<ScheduleRecord, 'group' | 'arn' | 'dueAt'>;

/** Source: AWS "Quotas for Amazon EC2 Auto Scaling". */
const MOST_SCHEDULES = 125;

/**
 * PutScheduledUpdateGroupAction: makes a scheduled action or replaces the one of this name. Throws ValidationError, also for a
 * start in the past, LimitExceeded, AlreadyExists when another action of the group starts at the same moment.
 */
export function putSchedule(engine: Engine, group: string, request: ScheduleRequest): void {
  requireLiveGroup(engine, group);
  const key = scheduleKey(group, request.name);
  const existing = schedules(engine).get(key);
  if (!existing && schedulesOf(engine, group).length >= MOST_SCHEDULES) {
    throw new ServiceError('LimitExceeded', `A group can have ${MOST_SCHEDULES} scheduled actions.`);
  }
  const now = engine.clock.now();
  check(request, now);
  const dueAt = firstDue(request, now);
  const rival = schedulesOf(engine, group).find(
    (other) => other.name !== request.name && !other.recurrence && other.dueAt === dueAt,
  );
  if (rival && !request.recurrence) {
    throw new ServiceError(
      'AlreadyExists',
      `Scheduled action ${rival.name} of group ${group} already has this start time.`,
    );
  }
  schedules(engine).put(key, {
    ...request,
    group,
    arn:
      existing?.arn ??
      `arn:aws:autoscaling:${engine.region}:${engine.account}:scheduledUpdateGroupAction:${engine.ids.uuid()}:autoScalingGroupName/${group}:scheduledActionName/${request.name}`,
    start: request.start ?? dueAt,
    dueAt,
  });
}

/** Throws ValidationError for a name that the group does not have. */
export function deleteSchedule(engine: Engine, group: string, name: string): void {
  requireLiveGroup(engine, group);
  if (!schedules(engine).has(scheduleKey(group, name))) {
    throw invalid(`Scheduled action name not found - ${name} not found in group ${group}`);
  }
  schedules(engine).delete(scheduleKey(group, name));
}

function check(request: ScheduleRequest, now: number): void {
  const { start, end, recurrence, timeZone, min, max, desired } = request;
  if (min === undefined && max === undefined && desired === undefined) {
    throw invalid(
      'At least one of the following parameters must be specified: Min Size, Max Size, Desired Capacity',
    );
  }
  if (timeZone !== undefined) checkTimeZone(timeZone);
  if (start === undefined && recurrence === undefined) {
    throw invalid('Either StartTime or Recurrence must be specified.');
  }
  if (start !== undefined && start <= now) {
    throw invalid(`Given start time ${new Date(start).toISOString()} is in the past`);
  }
  if (end !== undefined && end <= (start ?? now)) {
    throw invalid(`Given end time ${new Date(end).toISOString()} is before start time`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  }
}

/** Where both are given, the first time is the start itself; the recurrence counts from there. */
function firstDue(request: ScheduleRequest, now: number): number | undefined {
  const { start, recurrence, timeZone = 'UTC' } = request;
  const recurring = recurrence === undefined ? undefined : nextRecurrence(recurrence, timeZone, now);
  return start ?? recurring;
}
