import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { numberOf, redrivePolicy } from './attributes.ts';
import {
  findQueue,
  invalidValue,
  isFifo,
  type MessageRecord,
  messagesOf,
  type QueueRecord,
  queueArn,
  queues,
  sqsError,
} from './records.ts';

/**
 * Takes visible messages, oldest first, and hides them for the visibility timeout (seconds, at the engine's speed).
 * One that was received `maxReceiveCount` times goes to the dead-letter queue instead; one past its retention is dropped.
 */
export function takeMessages(
  engine: Engine,
  queue: QueueRecord,
  most: number,
  visibilityTimeout = numberOf(queue, 'VisibilityTimeout'),
): MessageRecord[] {
  const now = engine.clock.now();
  const messages = messagesOf(engine, queue.name);
  const oldest = now - numberOf(queue, 'MessageRetentionPeriod') * 1_000;
  const blocked = isFifo(queue) ? groupsInFlight(engine, queue, now) : undefined;
  const taken: MessageRecord[] = [];
  for (const [id, message] of messages.entries()) {
    if (taken.length === most) break;
    if (message.sentAt <= oldest) {
      messages.delete(id);
      continue;
    }
    if (message.visibleAt > now || blocked?.has(message.groupId ?? '')) continue;
    if (redrive(engine, queue, message)) continue;
    taken.push(
      messages.patch(id, {
        visibleAt: now + visibilityTimeout * 1_000,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receipt: engine.ids.hex(32),
      }),
    );
  }
  return taken;
}

/** Nothing of a FIFO group is given out while one of its messages is being worked on, or waits for its delay. */
function groupsInFlight(engine: Engine, queue: QueueRecord, now: number): Set<string> {
  const hidden = messagesOf(engine, queue.name).filter((message) => message.visibleAt > now);
  return new Set(hidden.map((message) => message.groupId ?? ''));
}

function redrive(engine: Engine, queue: QueueRecord, message: MessageRecord): boolean {
  const policy = redrivePolicy(queue);
  if (!policy || message.receiveCount < policy.maxReceiveCount) return false;
  const target = policy.deadLetterTargetArn.split(':').at(-1) as string;
  if (!queues(engine).has(target)) return false;
  messagesOf(engine, queue.name).delete(message.id);
  const { receipt: _, ...moved } = message;
  messagesOf(engine, target).put(message.id, {
    ...moved,
    visibleAt: engine.clock.now(),
    sourceArn: queueArn(engine, queue.name),
  });
  return true;
}

/** When the next hidden message becomes visible. */
export function nextVisible(engine: Engine, queueName: string): number | undefined {
  const now = engine.clock.now();
  let next: number | undefined;
  for (const [, { visibleAt }] of messagesOf(engine, queueName).entries())
    if (visibleAt > now) next = Math.min(next ?? visibleAt, visibleAt);
  return next;
}

export const receiptHandle = (queueName: string, { id, receipt }: MessageRecord) =>
  Buffer.from(`${queueName}/${id}/${receipt}`).toString('base64');

/** The message of a handle, if the handle is of its latest receive. @throws ReceiptHandleIsInvalid */
function received(engine: Engine, queueName: string, handle: string): MessageRecord | undefined {
  findQueue(engine, queueName);
  const [name, id = '', receipt] = Buffer.from(handle, 'base64').toString('utf8').split('/');
  if (name !== queueName || receipt === undefined) {
    throw new ServiceError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
      404,
    );
  }
  const message = messagesOf(engine, queueName).get(id);
  return message?.receipt === receipt ? message : undefined;
}

/** Succeeds as well when the message is gone, and does nothing when it has been received again since. */
export function deleteMessage(engine: Engine, queueName: string, handle: string): void {
  const message = received(engine, queueName, handle);
  if (message) messagesOf(engine, queueName).delete(message.id);
}

/** Hides a message for so many seconds from now; 0 shows it at once. @throws MessageNotInflight, InvalidParameterValue */
export function changeVisibility(engine: Engine, queueName: string, handle: string, seconds: number): void {
  const message = received(engine, queueName, handle);
  if (seconds < 0 || seconds > 43_200)
    throw invalidValue('VisibilityTimeout', seconds, 'Must be between 0 and 43200, if provided.');
  if (!message) {
    throw invalidValue(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  const now = engine.clock.now();
  if (message.visibleAt <= now)
    throw sqsError('MessageNotInflight', 'The message referred to is not in flight.');
  messagesOf(engine, queueName).patch(message.id, {
    visibleAt: now + seconds * 1_000,
  });
}
