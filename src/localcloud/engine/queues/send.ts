import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { numberOf } from './attributes.ts';
import {
  findQueue,
  invalidValue,
  isFifo,
  type MessageAttribute,
  type MessageRecord,
  messagesOf,
  type QueueRecord,
  queues,
} from './records.ts';

export interface Outgoing {
  body: string;
  attributes: Record<string, MessageAttribute>;
  systemAttributes: Record<string, MessageAttribute>;
  delaySeconds?: number;
  groupId?: string;
  deduplicationId?: string;
  senderId: string;
}

/** FIFO: a message sent again within five minutes under the same deduplication id is accepted and not delivered. */
const DEDUPLICATION_MS = 5 * 60_000;

interface Deduplication {
  until: number;
  message: MessageRecord;
}

const deduplications = (engine: Engine) => engine.store.table<Deduplication>('messageDeduplications');

/** Puts a message into the queue. @throws InvalidMessageContents, InvalidParameterValue, MissingParameter */
export function sendMessage(engine: Engine, queueName: string, outgoing: Outgoing): MessageRecord {
  const queue = findQueue(engine, queueName);
  checkMessage(queue, outgoing);
  return isFifo(queue) ? sendInOrder(engine, queue, outgoing) : put(engine, queue, outgoing);
}

function sendInOrder(engine: Engine, queue: QueueRecord, outgoing: Outgoing): MessageRecord {
  if (outgoing.groupId === undefined)
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  const contentBased = queue.attributes.ContentBasedDeduplication === 'true';
  const deduplicationId =
    outgoing.deduplicationId ??
    (contentBased ? createHash('sha256').update(outgoing.body).digest('hex') : undefined);
  if (deduplicationId === undefined) {
    throw new ServiceError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  const now = engine.clock.now();
  const seen = deduplications(engine);
  for (const [key, { until }] of seen.entries()) if (until <= now) seen.delete(key);
  const key = `${queue.name}/${queue.createdAt}/${deduplicationId}`;
  const earlier = seen.get(key);
  if (earlier) return earlier.message;
  const { sequence } = queues(engine).patch(queue.name, { sequence: queue.sequence + 1 });
  const sequenceNumber = String(sequence).padStart(20, '0');
  const message = put(engine, queue, { ...outgoing, deduplicationId }, sequenceNumber);
  seen.put(key, { until: now + DEDUPLICATION_MS, message });
  return message;
}

function put(engine: Engine, queue: QueueRecord, outgoing: Outgoing, sequenceNumber?: string): MessageRecord {
  const { delaySeconds, ...content } = outgoing;
  const now = engine.clock.now();
  const delay = delaySeconds ?? numberOf(queue, 'DelaySeconds');
  const id = engine.ids.uuid();
  return messagesOf(engine, queue.name).put(id, {
    ...content,
    id,
    sentAt: now,
    visibleAt: now + delay * 1_000,
    receiveCount: 0,
    sequenceNumber,
  });
}

/** Bytes that count towards the limits: body, and names, types and values of the attributes. */
export function sizeOf({ body, attributes }: Pick<Outgoing, 'body' | 'attributes'>): number {
  let size = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = '', BinaryValue = '' }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    size += Buffer.byteLength(BinaryValue, 'base64');
  }
  return size;
}

function checkMessage(queue: QueueRecord, outgoing: Outgoing): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SQS refuses
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(outgoing.body)) {
    throw new ServiceError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const most = numberOf(queue, 'MaximumMessageSize');
  if (sizeOf(outgoing) > most) {
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  }
  const delay = outgoing.delaySeconds;
  if (delay !== undefined && (delay < 0 || delay > 900))
    throw invalidValue('DelaySeconds', delay, 'Must be between 0 and 900, if provided.');
  if (delay && isFifo(queue))
    throw invalidValue(
      'DelaySeconds',
      delay,
      'The request include parameter that is not valid for this queue type.',
    );
  if (outgoing.deduplicationId !== undefined && !isFifo(queue)) {
    throw invalidValue(
      'MessageDeduplicationId',
      outgoing.deduplicationId,
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  checkAttributes(outgoing.attributes);
}

function checkAttributes(attributes: Record<string, MessageAttribute>): void {
  const entries = Object.entries(attributes);
  if (entries.length > 10)
    throw new ServiceError(
      'InvalidParameterValue',
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`,
    );
  for (const [name, { DataType, StringValue, BinaryValue }] of entries) {
    const fail = (reason: string) => new ServiceError('InvalidParameterValue', reason);
    if (!/^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(name))
      throw fail(`The message attribute name '${name}' is invalid.`);
    if (!/^(String|Number|Binary)(\..+)?$/.test(DataType)) {
      throw fail(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
    if (!value)
      throw fail(`The message attribute '${name}' must contain a non-empty value of its type '${DataType}'.`);
    if (DataType.startsWith('Number') && !Number.isFinite(Number(value)))
      throw fail(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}
