import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { usageError } from '../../run/errors.ts';
import type { LyingMessage, Queue, Queues } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** The second name is the query protocol's. */
const UNKNOWN = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];
const EXISTS = ['QueueNameExists', 'QueueAlreadyExists'];
const DELETED_RECENTLY = ['QueueDeletedRecently', 'AWS.SimpleQueueService.QueueDeletedRecently'];
/** AWS: a deleted queue's name is free again after 60 s. */
const NAME_WINDOW = 75_000;
/** AWS: ReceiveMessage MaxNumberOfMessages. */
const MESSAGES_PER_CALL = 10;
/** Seconds that messages are hidden by a look: as long as it takes to look at the next ones. */
const LOOK = 2;
/** A receive asks a part of the servers: so many in a row that bring nothing new are taken for the end. */
const EMPTY_LOOKS = 2;

/** SQS queues. */
export function queues(aws: Connection): Queues {
  const sqs = aws.client(SQSClient);

  async function urlOf(name: string): Promise<string | undefined> {
    try {
      return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
    } catch (error) {
      if (failedWith(error, ...UNKNOWN)) return undefined;
      throw error;
    }
  }

  async function find(nameOrUrl: string): Promise<Queue | undefined> {
    const url = /^https?:/.test(nameOrUrl) ? nameOrUrl : await urlOf(nameOrUrl);
    if (url === undefined) return undefined;
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
      return toQueue(url, (await sqs.send(command)).Attributes ?? {});
    } catch (error) {
      if (failedWith(error, ...UNKNOWN)) return undefined;
      throw error;
    }
  }

  async function redrivePolicy(deadLetter: { name: string; maxReceiveCount: number }): Promise<string> {
    const queue = await find(deadLetter.name);
    if (!queue) {
      throw usageError(
        `there is no queue ${deadLetter.name} to take dead letters`,
        'Create it before the queue that uses it.',
      );
    }
    const { maxReceiveCount } = deadLetter;
    return JSON.stringify({ deadLetterTargetArn: queue.arn, maxReceiveCount });
  }

  return {
    find,

    async send(QueueUrl, MessageBody, attributes) {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      const { MessageId } = await sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }),
      );
      return MessageId!;
    },

    async peek({ url, deadLetter }, limit) {
      if (deadLetter) return undefined;
      const found = new Map<string, LyingMessage>();
      for (let empty = 0; empty < EMPTY_LOOKS && found.size < limit; ) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: Math.min(MESSAGES_PER_CALL, limit - found.size),
            VisibilityTimeout: LOOK,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['All'],
          }),
        );
        const before = found.size;
        for (const message of Messages) found.set(message.MessageId ?? '', toLying(message));
        empty = found.size > before ? 0 : empty + 1;
      }
      return [...found.values()].slice(0, limit);
    },

    async create({ name, visibilityTimeout, deadLetter, tags }) {
      const command = new CreateQueueCommand({
        QueueName: name,
        tags,
        Attributes: {
          VisibilityTimeout: String(Math.round(visibilityTimeout / 1_000)),
          ...(deadLetter && { RedrivePolicy: await redrivePolicy(deadLetter) }),
        },
      });
      try {
        const { QueueUrl } = await aws.again(
          () => sqs.send(command),
          (error) => failedWith(error, ...DELETED_RECENTLY),
          NAME_WINDOW,
        );
        return QueueUrl!;
      } catch (error) {
        // It exists with other attributes: it is somebody's, and stays as it is.
        const existing = failedWith(error, ...EXISTS) ? await urlOf(name) : undefined;
        if (existing === undefined) throw error;
        return existing;
      }
    },
  };
}

function toQueue(url: string, attributes: Record<string, string>): Queue {
  const number = (name: string) => Number(attributes[name] ?? 0);
  const arn = attributes.QueueArn ?? '';
  return {
    url,
    arn,
    name: nameIn(arn),
    visibilityTimeout: number('VisibilityTimeout') * 1_000,
    visible: number('ApproximateNumberOfMessages'),
    inFlight: number('ApproximateNumberOfMessagesNotVisible'),
    delayed: number('ApproximateNumberOfMessagesDelayed'),
    deadLetter: deadLetterIn(attributes.RedrivePolicy),
  };
}

function toLying({ MessageId = '', Attributes, MessageAttributes = {} }: Message): LyingMessage {
  const texts = Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue]],
  );
  return {
    id: MessageId,
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
    attributes: Object.fromEntries(texts),
  };
}

const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** `maxReceiveCount` comes as a number or as a string, as it was set. */
function deadLetterIn(policy: string | undefined): Queue['deadLetter'] {
  if (!policy) return undefined;
  const parsed = JSON.parse(policy) as { deadLetterTargetArn: string; maxReceiveCount: number | string };
  return { name: nameIn(parsed.deadLetterTargetArn), maxReceiveCount: Number(parsed.maxReceiveCount) };
}
