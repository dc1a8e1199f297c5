import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { Table } from '../store.ts';

export interface QueueRecord {
  name: string;
  createdAt: number;
  modifiedAt: number;
  /** Only what was set; see attributes.ts for the defaults. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  purgedAt?: number;
  /** FIFO queues: the last sequence number given out. */
  sequence: number;
}

/** As on the wire; `BinaryValue` in base64. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface MessageRecord {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  /** AWSTraceHeader. */
  systemAttributes: Record<string, MessageAttribute>;
  senderId: string;
  sentAt: number;
  /** Hidden until then: delayed, or received and not yet deleted. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Of the latest receive: only its handle deletes. */
  receipt?: string;
  groupId?: string;
  deduplicationId?: string;
  sequenceNumber?: string;
  /** Where it came from, when this is a dead-letter queue. */
  sourceArn?: string;
}

export const queues = (engine: Engine) => engine.store.table<QueueRecord>('queues');

/** A queue's messages, oldest first. */
export const messagesOf = (engine: Engine, queue: string): Table<MessageRecord> =>
  engine.store.table<MessageRecord>(`messages/${queue}`);

export const queueArn = (engine: Engine, name: string) =>
  `arn:aws:sqs:${engine.region}:${engine.account}:${name}`;

export const queueUrl = (engine: Engine, name: string) => `${engine.endpoint}/${engine.account}/${name}`;

export const isFifo = (queue: { name: string }) => queue.name.endsWith('.fifo');

/** Error codes are those of the query protocol; most have this prefix. */
export const sqsError = (name: string, message: string, status = 400) =>
  new ServiceError(`AWS.SimpleQueueService.${name}`, message, status);

export const nonExistentQueue = () => sqsError('NonExistentQueue', 'The specified queue does not exist.');

export const invalidValue = (name: string, value: unknown, reason: string) =>
  new ServiceError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`,
  );

/** @throws AWS.SimpleQueueService.NonExistentQueue */
export function findQueue(engine: Engine, name: string): QueueRecord {
  const queue = queues(engine).get(name);
  if (!queue) throw nonExistentQueue();
  return queue;
}
