import { invalid, requireGroup } from '../../engine/autoscaling/groups.ts';
import { deleteSchedule, putSchedule, type ScheduleRequest } from '../../engine/autoscaling/schedules/put.ts';
import { type ScheduleRecord, schedules } from '../../engine/autoscaling/schedules/records.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';

export const PutScheduledUpdateGroupAction: Operation = (input, { engine }) =>
  putSchedule(engine, input.require('AutoScalingGroupName'), readSchedule(input));

/** Each on its own: those that fail are listed, the others stand. */
export const BatchPutScheduledUpdateGroupAction: Operation = (input, { engine }) => {
  const { name } = requireGroup(engine, input.require('AutoScalingGroupName'));
  const requests = input.objects('ScheduledUpdateGroupActions');
  const failed = requests.map((each) =>
    attempt(each.require('ScheduledActionName'), () => putSchedule(engine, name, readSchedule(each))),
  );
  return { FailedScheduledUpdateGroupActions: failed.flatMap((each) => each ?? []) };
};

export const BatchDeleteScheduledAction: Operation = (input, { engine }) => {
  const { name } = requireGroup(engine, input.require('AutoScalingGroupName'));
  const failed = input
    .list('ScheduledActionNames')
    .map((action) => attempt(action, () => deleteSchedule(engine, name, action)));
  return { FailedScheduledActions: failed.flatMap((each) => each ?? []) };
};

export const DeleteScheduledAction: Operation = (input, { engine }) =>
  deleteSchedule(engine, input.require('AutoScalingGroupName'), input.require('ScheduledActionName'));

/** With names, times are not looked at; without, those that start in the given time. */
export const DescribeScheduledActions: Operation = (input, { engine }) => {
  const group = input.text('AutoScalingGroupName');
  if (group !== undefined) requireGroup(engine, group);
  const names = input.list('ScheduledActionNames');
  const from = readInstant(input, 'StartTime') ?? Number.NEGATIVE_INFINITY;
  const to = readInstant(input, 'EndTime') ?? Number.POSITIVE_INFINITY;
  const found = schedules(engine)
    .filter((each) => group === undefined || each.group === group)
    .filter(({ name, start = 0 }) =>
      names.length > 0 ? names.includes(name) : start >= from && start <= to,
    );
  const { items, next } = pageOf(input, found);
  return { ScheduledUpdateGroupActions: items.map(viewSchedule), NextToken: next };
};

function attempt(name: string, work: () => void) {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { ScheduledActionName: name, ErrorCode: error.code, ErrorMessage: error.message };
  }
}

/** `Time` is the old name of `StartTime`. */
const readSchedule = (input: Input): ScheduleRequest => ({
  name: input.require('ScheduledActionName'),
  start: readInstant(input, 'StartTime') ?? readInstant(input, 'Time'),
  end: readInstant(input, 'EndTime'),
  recurrence: input.text('Recurrence'),
  timeZone: input.text('TimeZone'),
  min: input.int('MinSize'),
  max: input.int('MaxSize'),
  desired: input.int('DesiredCapacity'),
});

function readInstant(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid(`${text} is not a valid value for ${name}`);
  return at;
}

const viewSchedule = (schedule: ScheduleRecord) => ({
  AutoScalingGroupName: schedule.group,
  ScheduledActionName: schedule.name,
  ScheduledActionARN: schedule.arn,
  Time: viewInstant(schedule.start),
  StartTime: viewInstant(schedule.start),
  EndTime: viewInstant(schedule.end),
  Recurrence: schedule.recurrence,
  MinSize: schedule.min,
  MaxSize: schedule.max,
  DesiredCapacity: schedule.desired,
  TimeZone: schedule.timeZone,
});

const viewInstant = (at: number | undefined) => (at === undefined ? undefined : new Date(at));
