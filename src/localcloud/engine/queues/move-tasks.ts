import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { deadLetterSources } from './queues.ts';
import {
  invalidValue,
  isFifo,
  type MessageRecord,
  messagesOf,
  queueArn,
  queues,
  sqsError,
} from './records.ts';

export interface MoveTaskRecord {
  handle: string;
  sourceArn: string;
  /** Absent: each message goes back to where it came from. */
  destinationArn?: string;
  perSecond?: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  failure?: string;
  moved: number;
  toMove: number;
  startedAt: number;
  /** When the next messages may be moved. */
  nextAt: number;
}

export const moveTasks = (engine: Engine) => engine.store.table<MoveTaskRecord>('messageMoveTasks');

const notFound = () =>
  new ServiceError(
    'ResourceNotFoundException',
    "The resource that you specified for the SourceArn parameter doesn't exist.",
    404,
  );

const nameOf = (arn: string) => arn.split(':').at(-1) as string;

/** The queue with this ARN. */
function existing(engine: Engine, arn: string): string {
  const name = nameOf(arn);
  if (arn !== queueArn(engine, name) || !queues(engine).has(name)) throw notFound();
  return name;
}

/**
 * Takes on moving the messages of a dead-letter queue back. One task at a time for each.
 * @throws ResourceNotFoundException, InvalidParameterValue, AWS.SimpleQueueService.UnsupportedOperation
 */
export function startMoveTask(
  engine: Engine,
  task: Pick<MoveTaskRecord, 'sourceArn' | 'destinationArn' | 'perSecond'>,
): MoveTaskRecord {
  const source = existing(engine, task.sourceArn);
  if (task.destinationArn !== undefined) existing(engine, task.destinationArn);
  if (isFifo({ name: source }))
    throw sqsError('UnsupportedOperation', 'FIFO queues have no move tasks here.');
  if (deadLetterSources(engine, source).length === 0)
    throw invalidValue(
      'SourceArn',
      task.sourceArn,
      'Source queue must be configured as a Dead Letter Queue.',
    );
  if (task.perSecond !== undefined && !(task.perSecond >= 1 && task.perSecond <= 500))
    throw invalidValue('MaxNumberOfMessagesPerSecond', task.perSecond, 'Must be between 1 and 500.');
  const running = moveTasks(engine).filter(
    (one) => one.sourceArn === task.sourceArn && one.status === 'RUNNING',
  );
  if (running.length > 0)
    throw sqsError(
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  const now = engine.clock.now();
  const handle = Buffer.from(
    JSON.stringify({ taskId: engine.ids.uuid(), sourceArn: task.sourceArn }),
  ).toString('base64');
  return moveTasks(engine).put(handle, {
    ...task,
    handle,
    status: 'RUNNING',
    moved: 0,
    toMove: messagesOf(engine, source).size,
    startedAt: now,
    nextAt: now,
  });
}

/** Returns how many had been moved. @throws ResourceNotFoundException, AWS.SimpleQueueService.UnsupportedOperation */
export function cancelMoveTask(engine: Engine, handle: string): number {
  const task = moveTasks(engine).get(handle);
  if (!task) throw notFound();
  if (task.status !== 'RUNNING')
    throw sqsError('UnsupportedOperation', 'Only active tasks can be cancelled.');
  moveTasks(engine).patch(handle, { status: 'CANCELLED' });
  return task.moved;
}

/** Newest first. @throws ResourceNotFoundException */
export function moveTasksOf(engine: Engine, sourceArn: string): MoveTaskRecord[] {
  existing(engine, sourceArn);
  return moveTasks(engine)
    .filter((task) => task.sourceArn === sourceArn)
    .reverse();
}

/** Moves what is due; a limited task as many each second, at the engine's speed. */
export function reconcileMoveTasks(engine: Engine, now: number): number | undefined {
  let wake: number | undefined;
  for (const task of moveTasks(engine).all()) {
    if (task.status !== 'RUNNING') continue;
    const next = task.nextAt > now ? task.nextAt : moveSome(engine, task, now);
    if (next !== undefined) wake = Math.min(wake ?? next, next);
  }
  return wake;
}

function moveSome(engine: Engine, task: MoveTaskRecord, now: number): number | undefined {
  const { handle, perSecond = Number.POSITIVE_INFINITY } = task;
  const source = nameOf(task.sourceArn);
  const visible = messagesOf(engine, source).filter(({ visibleAt }) => visibleAt <= now);
  let { moved } = task;
  for (const message of visible.slice(0, perSecond)) {
    if (!move(engine, source, message, task.destinationArn)) {
      moveTasks(engine).patch(handle, { moved, status: 'FAILED', failure: 'CouldNotDetermineMessageSource' });
      return undefined;
    }
    moved++;
  }
  if (visible.length <= perSecond) {
    moveTasks(engine).patch(handle, { moved, status: 'COMPLETED' });
    return undefined;
  }
  const nextAt = now + engine.latency.scale(1_000);
  moveTasks(engine).patch(handle, { moved, nextAt });
  return nextAt;
}

/** A message that is moved is a new one: another id, sent now, never received. False when nobody knows where it belongs. */
function move(
  engine: Engine,
  source: string,
  message: MessageRecord,
  destinationArn: string | undefined,
): boolean {
  const target = destinationArn ?? message.sourceArn;
  if (target === undefined || !queues(engine).has(nameOf(target))) return false;
  const now = engine.clock.now();
  const { sourceArn: _from, receipt: _receipt, firstReceivedAt: _first, ...content } = message;
  const id = engine.ids.uuid();
  messagesOf(engine, source).delete(message.id);
  messagesOf(engine, nameOf(target)).put(id, {
    ...content,
    id,
    sentAt: now,
    visibleAt: now,
    receiveCount: 0,
  });
  return true;
}
