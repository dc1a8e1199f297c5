import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkAttributes, describeAttributes, redrivePolicy } from './attributes.ts';
import { findQueue, messagesOf, type QueueRecord, queueArn, queues, sqsError } from './records.ts';

/**
 * Makes a queue; one that exists with the same values of the given attributes is returned as it is.
 * @throws QueueAlreadyExists, InvalidParameterValue, and what checkAttributes throws
 */
export function createQueue(
  engine: Engine,
  name: string,
  attributes: Record<string, string>,
  tags: Record<string, string>,
): QueueRecord {
  if (!/^(?=.{1,80}$)[\w-]+(\.fifo)?$/.test(name)) {
    throw new ServiceError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  if (name.endsWith('.fifo') !== (attributes.FifoQueue === 'true')) {
    throw new ServiceError(
      'InvalidParameterValue',
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length; its attribute FifoQueue is true.',
    );
  }
  checkAttributes(engine, name, attributes);
  const existing = queues(engine).get(name);
  if (existing) {
    const present = describeAttributes(engine, existing);
    const other = Object.keys(attributes).find((key) => !sameValue(present[key], attributes[key]));
    if (other === undefined) return existing;
    throw new ServiceError(
      'QueueAlreadyExists',
      `A queue already exists with the same name and a different value for attribute ${other}`,
    );
  }
  const now = engine.clock.now();
  return queues(engine).put(name, { name, createdAt: now, modifiedAt: now, attributes, tags, sequence: 0 });
}

/** Policies are JSON: the order of keys and white space do not count. */
function sameValue(a = '', b = ''): boolean {
  if (a === b) return true;
  try {
    const sorted = (text: string) => JSON.stringify(Object.entries(JSON.parse(text)).sort());
    return a.startsWith('{') && sorted(a) === sorted(b);
  } catch {
    return false;
  }
}

/** An empty value takes an attribute away (RedrivePolicy). */
export function setAttributes(engine: Engine, name: string, attributes: Record<string, string>): void {
  const queue = findQueue(engine, name);
  checkAttributes(engine, name, attributes);
  const merged = { ...queue.attributes, ...attributes };
  for (const [key, value] of Object.entries(attributes)) if (value === '') delete merged[key];
  queues(engine).patch(name, { attributes: merged, modifiedAt: engine.clock.now() });
}

export function deleteQueue(engine: Engine, name: string): void {
  findQueue(engine, name);
  clear(engine, name);
  queues(engine).delete(name);
}

/** Once a minute at most. @throws AWS.SimpleQueueService.PurgeQueueInProgress */
export function purgeQueue(engine: Engine, name: string): void {
  const queue = findQueue(engine, name);
  const now = engine.clock.now();
  if (queue.purgedAt !== undefined && now < queue.purgedAt + 60_000) {
    throw sqsError(
      'PurgeQueueInProgress',
      `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
      403,
    );
  }
  clear(engine, name);
  queues(engine).patch(name, { purgedAt: now });
}

function clear(engine: Engine, name: string): void {
  const messages = messagesOf(engine, name);
  for (const { id } of messages.all()) messages.delete(id);
}

export function changeTags(
  engine: Engine,
  name: string,
  change: { set?: Record<string, string>; remove?: string[] },
): void {
  const tags = { ...findQueue(engine, name).tags, ...change.set };
  for (const key of change.remove ?? []) delete tags[key];
  queues(engine).patch(name, { tags });
}

/** Names of the queues that use this one as their dead-letter queue. */
export function deadLetterSources(engine: Engine, name: string): string[] {
  const arn = queueArn(engine, findQueue(engine, name).name);
  return queues(engine)
    .filter((queue) => redrivePolicy(queue)?.deadLetterTargetArn === arn)
    .map((queue) => queue.name);
}
