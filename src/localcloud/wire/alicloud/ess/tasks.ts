import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import { essRules, ruleAri, ruleOfAri } from '../../../engine/ess/rules.ts';
import { type EssTask, essTasks, findTask, putTask } from '../../../engine/ess/tasks.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { oneOf, toTheMinute } from './input.ts';

const RECURRENCES = ['Daily', 'Weekly', 'Monthly', 'Cron'] as const;

/** `YYYY-MM-DDThh:mmZ`. Throws InvalidParameter.<name>. */
function timeOf(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new ServiceError(`InvalidParameter.${name}`, `The specified ${name} is not YYYY-MM-DDThh:mmZ.`);
}

/** What a request says of a task; the rest as it was. */
function taskOf(engine: Engine, input: Input, before: EssTask): EssTask {
  const ari = input.text('ScheduledAction');
  const rule = ari === undefined ? undefined : ruleOfAri(engine, ari);
  const type = oneOf(input, 'RecurrenceType', RECURRENCES) ?? before.recurrence?.type;
  return {
    ...before,
    name: input.text('ScheduledTaskName') ?? before.name,
    description: input.text('Description') ?? before.description,
    groupId: rule?.groupId ?? input.text('ScalingGroupId') ?? before.groupId,
    ruleId: rule?.ruleId ?? (input.has('ScalingGroupId') ? undefined : before.ruleId),
    min: input.int('MinValue') ?? before.min,
    max: input.int('MaxValue') ?? before.max,
    desired: input.int('DesiredCapacity') ?? before.desired,
    launchAt: timeOf(input, 'LaunchTime') ?? before.launchAt,
    recurrence: type && {
      type,
      value: input.text('RecurrenceValue') ?? before.recurrence?.value ?? input.require('RecurrenceValue'),
      until: timeOf(input, 'RecurrenceEndTime') ?? before.recurrence?.until,
    },
    patience: input.int('LaunchExpirationTime') ?? before.patience,
    enabled: input.bool('TaskEnabled') ?? before.enabled,
  };
}

const CreateScheduledTask: Operation = (input, { engine }) => {
  if (!input.has('ScheduledAction')) input.require('ScalingGroupId');
  if (input.text('RecurrenceType') !== 'Cron') input.require('LaunchTime');
  const taskId = engine.ids.resource('sch');
  const fresh: EssTask = {
    ...{ taskId, name: taskId, description: '', groupId: '' },
    ...{ launchAt: engine.clock.now(), patience: 600, enabled: true },
  };
  return { ScheduledTaskId: putTask(engine, taskOf(engine, input, fresh)).taskId };
};

const ModifyScheduledTask: Operation = (input, { engine }) => {
  putTask(engine, taskOf(engine, input, findTask(engine, input.require('ScheduledTaskId'))));
  return {};
};

const DeleteScheduledTask: Operation = (input, { engine }) => {
  essTasks(engine).delete(findTask(engine, input.require('ScheduledTaskId')).taskId);
  return {};
};

function taskView(engine: Engine, task: EssTask): object {
  const rule = task.ruleId === undefined ? undefined : essRules(engine).get(task.ruleId);
  return {
    ScheduledTaskId: task.taskId,
    ScheduledTaskName: task.name,
    Description: task.description,
    ScalingGroupId: task.groupId,
    ScheduledAction: rule && ruleAri(engine, rule),
    MinValue: task.min,
    MaxValue: task.max,
    DesiredCapacity: task.desired,
    LaunchTime: toTheMinute(task.launchAt),
    LaunchExpirationTime: task.patience,
    RecurrenceType: task.recurrence?.type,
    RecurrenceValue: task.recurrence?.value,
    RecurrenceEndTime: task.recurrence?.until && toTheMinute(task.recurrence.until),
    TaskEnabled: task.enabled,
  };
}

const DescribeScheduledTasks: Operation = (input, { engine }) => {
  const ids = input.list('ScheduledTaskIds');
  const names = input.list('ScheduledTaskNames');
  const groupId = input.text('ScalingGroupId');
  const found = essTasks(engine).filter(
    (task) =>
      (ids.length === 0 || ids.includes(task.taskId)) &&
      (names.length === 0 || names.includes(task.name)) &&
      (groupId === undefined || task.groupId === groupId),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return { ...page, ScheduledTasks: items.map((task) => taskView(engine, task)) };
};

export const taskOperations: Record<string, Operation> = {
  CreateScheduledTask,
  ModifyScheduledTask,
  DeleteScheduledTask,
  DescribeScheduledTasks,
};
