import { Cron } from 'croner';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type EssGroup, essGroups, findEssGroup } from './records.ts';
import { executeRule, findRule, setDesired } from './rules.ts';

/** A scheduled task: executes a rule, or sets a group's sizes. Instants in milliseconds. */
export interface EssTask {
  taskId: string;
  name: string;
  description: string;
  /** Its own, or the rule's. */
  groupId: string;
  ruleId?: string;
  min?: number;
  max?: number;
  desired?: number;
  launchAt: number;
  recurrence?: { type: 'Daily' | 'Weekly' | 'Monthly' | 'Cron'; value: string; until?: number };
  /** Seconds: how long it is tried again when it cannot be carried out. */
  patience: number;
  enabled: boolean;
  /** Absent: never again. */
  dueAt?: number;
  /** The time that is tried again. */
  missedAt?: number;
}

export const essTasks = (engine: Engine) => engine.store.table<EssTask>('essTasks');

const DAY = 24 * 3_600_000;
/** How long after a refusal a task is tried again. Milliseconds. */
const AGAIN = 15_000;

const refuse = (code: string, message: string, status = 400) => new ServiceError(code, message, status);

/** Throws InvalidScheduledTaskId.NotFound. */
export function findTask(engine: Engine, taskId: string): EssTask {
  const found = essTasks(engine).get(taskId);
  if (found) return found;
  throw refuse('InvalidScheduledTaskId.NotFound', `The scheduled task ${taskId} does not exist.`, 404);
}

/** Throws InvalidScheduledTaskName.Duplicate, InvalidParameter.LaunchTime, InvalidParameter.RecurrenceValue. */
export function putTask(engine: Engine, task: EssTask): EssTask {
  findEssGroup(engine, task.groupId);
  const twin = essTasks(engine).filter(({ name, taskId }) => name === task.name && taskId !== task.taskId);
  if (twin.length > 0)
    throw refuse('InvalidScheduledTaskName.Duplicate', 'The scheduled task name already exists.');
  const before = essTasks(engine).get(task.taskId);
  const sameTime =
    before?.launchAt === task.launchAt &&
    JSON.stringify(before.recurrence) === JSON.stringify(task.recurrence);
  return essTasks(engine).put(task.taskId, {
    ...task,
    dueAt: sameTime ? before.dueAt : firstOf(task, engine.clock.now()),
    missedAt: undefined,
  });
}

function firstOf(task: EssTask, now: number): number | undefined {
  // The minute that has begun is still to be had.
  if (!(task.launchAt > now - 60_000 && task.launchAt <= now + 90 * DAY))
    throw refuse('InvalidParameter.LaunchTime', 'LaunchTime must be within the next 90 days.');
  const { recurrence } = task;
  return recurrence === undefined || recurrence.type === 'Daily' ? task.launchAt : nextOf(task, now);
}

/** The first moment after `after` that a task's recurrence names. */
function nextOf({ launchAt, recurrence }: EssTask, after: number): number | undefined {
  if (!recurrence) return undefined;
  const next = cronOf(launchAt, recurrence)
    .nextRun(new Date(Math.max(after, launchAt - 1)))
    ?.getTime();
  return recurrence.until !== undefined && next !== undefined && next > recurrence.until ? undefined : next;
}

/** Source: ESS, CreateScheduledTask: `Daily 2` is every second day, `Weekly 0,1` Sunday and Monday, `Monthly 1-5` a range of days. */
function cronOf(launchAt: number, { type, value }: NonNullable<EssTask['recurrence']>): Cron {
  const at = new Date(launchAt);
  const time = `${at.getUTCMinutes()} ${at.getUTCHours()}`;
  const patterns = {
    Daily: `${time} * * *`,
    Weekly: `${time} * * ${value}`,
    Monthly: `${time} ${value} * *`,
    Cron: value,
  };
  try {
    return new Cron(patterns[type], { mode: '5-part', timezone: 'UTC', paused: true });
  } catch {
    throw refuse('InvalidParameter.RecurrenceValue', `The specified RecurrenceValue ${value} is not valid.`);
  }
}

/** Carries out what is due, by the clock's own time: schedules are people's, whatever the engine's speed. */
export function runTasks(engine: Engine, now: number): number | undefined {
  for (const task of essTasks(engine).all()) {
    if (!task.enabled || task.dueAt === undefined || task.dueAt > now) continue;
    const since = task.missedAt ?? task.dueAt;
    const done = carryOut(engine, task);
    const set = (fields: Partial<EssTask>) => essTasks(engine).patch(task.taskId, fields);
    if (!done && now + AGAIN <= since + task.patience * 1_000) set({ dueAt: now + AGAIN, missedAt: since });
    else set({ dueAt: following(task, now), missedAt: undefined });
  }
  const due = essTasks(engine)
    .filter(({ enabled }) => enabled)
    .flatMap(({ dueAt }) => dueAt ?? []);
  return due.length > 0 ? Math.min(...due) : undefined;
}

function following(task: EssTask, now: number): number | undefined {
  const { recurrence, launchAt } = task;
  if (recurrence?.type !== 'Daily') return nextOf(task, now);
  const every = Math.max(1, Number(recurrence.value) || 1) * DAY;
  const next = launchAt + (Math.floor((now - launchAt) / every) + 1) * every;
  return recurrence.until !== undefined && next > recurrence.until ? undefined : next;
}

/** False: not now. */
function carryOut(engine: Engine, task: EssTask): boolean {
  const group = essGroups(engine).get(task.groupId);
  if (group?.state !== 'Active' || group.suspended.includes('ScheduledAction')) return false;
  try {
    if (task.ruleId === undefined) resize(engine, group, task);
    else executeRule(engine, findRule(engine, task.ruleId));
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    engine.log(`scheduled task ${task.name}: ${error.code}: ${error.message}`);
    return false;
  }
}

function resize(engine: Engine, group: EssGroup, task: EssTask): void {
  const min = task.min ?? group.min;
  const max = Math.max(task.max ?? group.max, min);
  essGroups(engine).patch(group.groupId, { min, max });
  const desired = Math.min(Math.max(task.desired ?? group.desired, min), max);
  if (desired !== group.desired)
    setDesired(engine, group, desired, `Scheduled task "${task.taskId}" is executed`);
}
