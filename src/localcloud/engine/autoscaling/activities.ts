import type { Engine } from '../engine.ts';
import type { GroupRecord } from './groups.ts';
import { stamp } from './groups.ts';

export interface ActivityRecord {
  id: string;
  group: string;
  groupArn: string;
  description: string;
  cause: string;
  startedAt: number;
  endedAt?: number;
  status:
    | 'PreInService'
    | 'WaitingForELBConnectionDraining'
    | 'InProgress'
    | 'MidLifecycleAction'
    | 'Successful'
    | 'Failed'
    | 'Cancelled';
  message?: string;
  progress: number;
  details: Record<string, string>;
  /** Its group was deleted since. */
  groupDeleted: boolean;
}

export const activities = (engine: Engine) => engine.store.table<ActivityRecord>('scalingActivities');

type Start = Pick<ActivityRecord, 'description' | 'cause'> & Partial<ActivityRecord>;

/** Records that the group has begun to do something. */
export function startActivity(engine: Engine, group: GroupRecord, start: Start): ActivityRecord {
  const id = engine.ids.uuid();
  return activities(engine).put(id, {
    id,
    group: group.name,
    groupArn: group.arn,
    startedAt: engine.clock.now(),
    status: 'InProgress',
    progress: 0,
    details: {},
    groupDeleted: false,
    ...start,
  });
}

/** Records how it ended. An activity that has ended keeps its first end. */
export function endActivity(
  engine: Engine,
  id: string,
  status: 'Successful' | 'Failed' | 'Cancelled',
  message?: string,
): void {
  const activity = activities(engine).get(id);
  if (!activity || activity.endedAt !== undefined) return;
  const failed = status === 'Failed' && message !== undefined;
  activities(engine).patch(id, {
    status,
    message,
    endedAt: engine.clock.now(),
    progress: 100,
    description: failed ? `${activity.description}.  Status Reason: ${message}` : activity.description,
  });
}

/** Something that is done in the moment it is asked for. */
export function doneActivity(engine: Engine, group: GroupRecord, start: Start): ActivityRecord {
  const { id } = startActivity(engine, group, start);
  endActivity(engine, id, 'Successful');
  return activities(engine).get(id) as ActivityRecord;
}

/** Shows how far a running activity is. */
export function markActivity(
  engine: Engine,
  id: string,
  status: ActivityRecord['status'],
  progress: number,
): void {
  const activity = activities(engine).get(id);
  if (activity && activity.endedAt === undefined && activity.status !== status) {
    activities(engine).patch(id, { status, progress });
  }
}

/** The sentence "At 2026-01-01T00:00:00Z what happened." that causes are made of; two spaces part them, as AWS has it. */
export const sentence = (at: number, what: string) => `At ${stamp(at)} ${what}.`;

export const causeOf = (...sentences: string[]) => sentences.filter(Boolean).join('  ').slice(0, 1023);
