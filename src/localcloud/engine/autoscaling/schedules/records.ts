import type { Engine } from '../../engine.ts';

/** AWS: ScheduledUpdateGroupAction. Instants in milliseconds since the epoch. */
export interface ScheduleRecord {
  group: string;
  name: string;
  arn: string;
  start?: number;
  end?: number;
  /** Five fields of cron. */
  recurrence?: string;
  /** IANA name; absent: UTC. */
  timeZone?: string;
  min?: number;
  max?: number;
  desired?: number;
  /** When it is to be carried out next; absent: never again. */
  dueAt?: number;
}

export const schedules = (engine: Engine) => engine.store.table<ScheduleRecord>('scheduledActions');

export const schedulesOf = (engine: Engine, group: string) =>
  schedules(engine).filter((schedule) => schedule.group === group);

export const scheduleKey = (group: string, name: string) => `${group}/${name}`;

export function deleteSchedulesOf(engine: Engine, group: string): void {
  for (const { name } of schedulesOf(engine, group)) schedules(engine).delete(scheduleKey(group, name));
}
