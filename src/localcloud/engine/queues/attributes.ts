import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { invalidValue, isFifo, messagesOf, type QueueRecord, queueArn, queues } from './records.ts';

/** Numbers: default, least, most. Source: SQS SetQueueAttributes. Seconds, but MaximumMessageSize in bytes. */
const NUMBERS: Record<string, [number, number, number]> = {
  DelaySeconds: [0, 0, 900],
  MaximumMessageSize: [1_048_576, 1_024, 1_048_576],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
  VisibilityTimeout: [30, 0, 43_200],
  KmsDataKeyReusePeriodSeconds: [300, 60, 86_400],
};

const TEXTS = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled'];

const FIFO_ONLY = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** A number that the queue has or would have by default. */
export const numberOf = (queue: QueueRecord, name: string): number =>
  Number(queue.attributes[name] ?? NUMBERS[name]?.[0]);

export function redrivePolicy(queue: QueueRecord): RedrivePolicy | undefined {
  const text = queue.attributes.RedrivePolicy;
  if (!text) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text);
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

/** Throws InvalidAttributeName, InvalidAttributeValue or InvalidParameterValue unless all may be set on the queue. */
export function checkAttributes(engine: Engine, name: string, attributes: Record<string, string>): void {
  for (const [key, value] of Object.entries(attributes)) {
    const range = NUMBERS[key];
    if (range) {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= range[1] && number <= range[2])) throw invalidAttributeValue(key);
    } else if (key === 'RedrivePolicy') {
      checkRedrivePolicy(engine, name, value);
    } else if (FIFO_ONLY.includes(key)) {
      if (!isFifo({ name }) || (key === 'FifoQueue' && value !== 'true'))
        throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${key}.`);
    } else if (!TEXTS.includes(key)) {
      throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${key}.`);
    }
  }
}

function checkRedrivePolicy(engine: Engine, name: string, value: string): void {
  if (value === '') return;
  const fail = (reason: string) => invalidValue('RedrivePolicy', value, reason);
  let policy: Record<string, unknown>;
  try {
    policy = Object(JSON.parse(value));
  } catch {
    throw fail('Redrive policy is not a valid JSON map.');
  }
  const { deadLetterTargetArn: target, maxReceiveCount: most } = policy;
  if (typeof target !== 'string')
    throw fail('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  const count = Number(most);
  if (!Number.isInteger(count) || count < 1 || count > 1_000)
    throw fail('Invalid value for maxReceiveCount: must be an integer between 1 and 1000.');
  const targetName = target.split(':').at(-1) as string;
  if (target !== queueArn(engine, targetName) || !queues(engine).has(targetName))
    throw fail('Dead letter target does not exist.');
  if (isFifo({ name }) !== isFifo({ name: targetName }))
    throw fail('Dead-letter queue must be same type of queue as the source.');
}

const invalidAttributeValue = (name: string) =>
  new ServiceError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/** Every attribute of a queue, as GetQueueAttributes gives them with `All`. Timestamps in seconds. */
export function describeAttributes(engine: Engine, queue: QueueRecord): Record<string, string> {
  const defaults = Object.fromEntries(
    Object.entries(NUMBERS)
      .filter(([key]) => key !== 'KmsDataKeyReusePeriodSeconds')
      .map(([key, [value]]) => [key, String(value)]),
  );
  return {
    QueueArn: queueArn(engine, queue.name),
    ...count(engine, queue),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1_000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1_000)),
    ...defaults,
    SqsManagedSseEnabled: 'true',
    ...(isFifo(queue) && {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    }),
    ...queue.attributes,
  };
}

function count(engine: Engine, queue: QueueRecord) {
  const now = engine.clock.now();
  const oldest = now - numberOf(queue, 'MessageRetentionPeriod') * 1_000;
  let visible = 0;
  let inFlight = 0;
  let delayed = 0;
  for (const [, message] of messagesOf(engine, queue.name).entries()) {
    if (message.sentAt <= oldest) continue;
    if (message.visibleAt <= now) visible++;
    else if (message.receipt !== undefined) inFlight++;
    else delayed++;
  }
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}
