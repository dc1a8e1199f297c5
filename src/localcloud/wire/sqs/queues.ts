import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import { describeAttributes } from '../../engine/queues/attributes.ts';
import {
  changeTags,
  createQueue,
  deadLetterSources,
  deleteQueue,
  purgeQueue,
  setAttributes,
} from '../../engine/queues/queues.ts';
import { findQueue, nonExistentQueue, queues, queueUrl } from '../../engine/queues/records.ts';
import type { Input } from '../input.ts';
import { page } from '../page.ts';
import type { Operation } from '../service.ts';

/** The queue that a request names by its URL. Any host will do: clients reach the same server under several names. */
export function queueNameOf(input: Input, engine: Engine): string {
  const [account, name] = input.require('QueueUrl').split('/').slice(-2);
  if (account !== engine.account || !name || !queues(engine).has(name)) throw nonExistentQueue();
  return name;
}

const CreateQueue: Operation = (input, { engine }) => {
  const name = input.require('QueueName');
  createQueue(engine, name, input.map('Attributes'), input.map('tags'));
  return { QueueUrl: queueUrl(engine, name) };
};

const GetQueueUrl: Operation = (input, { engine }) => {
  const owner = input.text('QueueOwnerAWSAccountId') ?? engine.account;
  const name = input.require('QueueName');
  if (owner !== engine.account || !queues(engine).has(name)) throw nonExistentQueue();
  return { QueueUrl: queueUrl(engine, name) };
};

const ListQueues: Operation = (input, { engine }) => {
  const prefix = input.text('QueueNamePrefix') ?? '';
  const names = queues(engine)
    .all()
    .map((queue) => queue.name)
    .filter((name) => name.startsWith(prefix))
    .sort();
  const { urls, next } = pageOfUrls(engine, names, input);
  return { QueueUrls: urls.length > 0 ? urls : undefined, NextToken: next };
};

const ListDeadLetterSourceQueues: Operation = (input, { engine }) => {
  const { urls, next } = pageOfUrls(engine, deadLetterSources(engine, queueNameOf(input, engine)), input);
  return { queueUrls: urls, NextToken: next };
};

/** Without MaxResults up to 1000, and no token. */
function pageOfUrls(engine: Engine, names: string[], input: Input) {
  const size = input.int('MaxResults');
  if (size !== undefined && (size < 1 || size > 1_000))
    throw new ServiceError(
      'InvalidParameterValue',
      'Value for parameter MaxResults is invalid. Reason: Must be an integer from 1 to 1000.',
    );
  const { items, next } = page(names, size ?? 1_000, input.text('NextToken'), {
    code: 'InvalidParameterValue',
    message: 'Invalid or expired next token.',
  });
  return {
    urls: items.map((name) => queueUrl(engine, name)),
    next: size === undefined ? undefined : next,
  };
}

const DeleteQueue: Operation = (input, { engine }) => deleteQueue(engine, queueNameOf(input, engine));

const PurgeQueue: Operation = (input, { engine }) => purgeQueue(engine, queueNameOf(input, engine));

const GetQueueAttributes: Operation = (input, { engine }) => {
  const asked = input.list('AttributeNames');
  const all = describeAttributes(engine, findQueue(engine, queueNameOf(input, engine)));
  const unknown = asked.find((name) => name !== 'All' && !(name in all) && !SOMETIMES.includes(name));
  if (unknown !== undefined) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const chosen = Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name));
  return { Attributes: chosen.length > 0 ? Object.fromEntries(chosen) : undefined };
};

/** Attributes that a queue need not have. */
const SOMETIMES = [
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

const SetQueueAttributes: Operation = (input, { engine }) =>
  setAttributes(engine, queueNameOf(input, engine), input.map('Attributes'));

const TagQueue: Operation = (input, { engine }) =>
  changeTags(engine, queueNameOf(input, engine), { set: input.map('Tags') });

const UntagQueue: Operation = (input, { engine }) =>
  changeTags(engine, queueNameOf(input, engine), { remove: input.list('TagKeys') });

const ListQueueTags: Operation = (input, { engine }) => {
  const { tags } = findQueue(engine, queueNameOf(input, engine));
  return { Tags: Object.keys(tags).length > 0 ? tags : undefined };
};

export const queueOperations: Record<string, Operation> = {
  CreateQueue,
  GetQueueUrl,
  ListQueues,
  ListDeadLetterSourceQueues,
  DeleteQueue,
  PurgeQueue,
  GetQueueAttributes,
  SetQueueAttributes,
  TagQueue,
  UntagQueue,
  ListQueueTags,
};
