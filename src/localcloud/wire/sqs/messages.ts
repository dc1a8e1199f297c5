import { numberOf } from '../../engine/queues/attributes.ts';
import { md5, md5OfAttributes } from '../../engine/queues/digest.ts';
import { changeVisibility, deleteMessage, receiptHandle } from '../../engine/queues/receive.ts';
import {
  findQueue,
  invalidValue,
  type MessageAttribute,
  type MessageRecord,
} from '../../engine/queues/records.ts';
import { type Outgoing, sendMessage } from '../../engine/queues/send.ts';
import { receiveMessages } from '../../engine/queues/waiters.ts';
import type { Input } from '../input.ts';
import type { Caller, Operation } from '../service.ts';
import { queueNameOf } from './queues.ts';

/** A message as SendMessage and each entry of SendMessageBatch give it. */
export function outgoing(input: Input, caller: Caller): Outgoing {
  return {
    body: input.require('MessageBody'),
    attributes: messageAttributes(input, 'MessageAttributes'),
    systemAttributes: messageAttributes(input, 'MessageSystemAttributes'),
    delaySeconds: input.int('DelaySeconds'),
    groupId: input.text('MessageGroupId'),
    deduplicationId: input.text('MessageDeduplicationId'),
    senderId: caller.arn.endsWith(':root') ? caller.account : caller.accessKeyId,
  };
}

function messageAttributes(input: Input, name: string): Record<string, MessageAttribute> {
  const given = input.object(name);
  return Object.fromEntries(
    Object.keys(given?.values ?? {}).flatMap((key) => {
      const value = given?.object(key);
      if (!value) return [];
      const attribute = {
        DataType: value.require('DataType'),
        StringValue: value.text('StringValue'),
        BinaryValue: value.text('BinaryValue'),
      };
      return [[key, attribute]];
    }),
  );
}

/** What the sender is told, so that it can verify what arrived. */
export const receiptOf = (message: MessageRecord) => ({
  MessageId: message.id,
  MD5OfMessageBody: md5(message.body),
  MD5OfMessageAttributes: md5OfAttributes(message.attributes),
  MD5OfMessageSystemAttributes: md5OfAttributes(message.systemAttributes),
  SequenceNumber: message.sequenceNumber,
});

const SendMessage: Operation = (input, { engine, caller }) =>
  receiptOf(sendMessage(engine, queueNameOf(input, engine), outgoing(input, caller)));

const ReceiveMessage: Operation = async (input, { engine, signal }) => {
  const queueName = queueNameOf(input, engine);
  const queue = findQueue(engine, queueName);
  const waitSeconds = input.int('WaitTimeSeconds') ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
  const most = input.int('MaxNumberOfMessages') ?? 1;
  const visibilityTimeout = input.int('VisibilityTimeout');
  checkRange('WaitTimeSeconds', waitSeconds, 0, 20);
  checkRange('MaxNumberOfMessages', most, 1, 10);
  checkRange('VisibilityTimeout', visibilityTimeout ?? 0, 0, 43_200);
  const systemNames = [...input.list('AttributeNames'), ...input.list('MessageSystemAttributeNames')];
  const names = input.list('MessageAttributeNames');
  const messages = await receiveMessages(engine, queueName, {
    most,
    visibilityTimeout,
    waitSeconds,
    signal,
  });
  if (messages.length === 0) return {};
  return { Messages: messages.map((message) => incoming(queueName, message, systemNames, names)) };
};

function checkRange(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most)
    throw invalidValue(name, value, `Must be between ${least} and ${most}, if provided.`);
}

function incoming(queueName: string, message: MessageRecord, systemNames: string[], names: string[]) {
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => names.some((asked) => matches(asked, name))),
  );
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && (systemNames.includes('All') || systemNames.includes(name)),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(queueName, message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: system.length > 0 ? Object.fromEntries(system) : undefined,
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MessageAttributes: Object.keys(attributes).length > 0 ? attributes : undefined,
  };
}

/** `All` and `.*` mean every attribute, `foo.*` those that begin so. */
const matches = (asked: string, name: string) =>
  asked === 'All' || (asked.endsWith('.*') ? name.startsWith(asked.slice(0, -2)) : name === asked);

const systemAttributes = (message: MessageRecord): Record<string, string | undefined> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentAt),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  MessageGroupId: message.groupId,
  MessageDeduplicationId: message.deduplicationId,
  SequenceNumber: message.sequenceNumber,
  DeadLetterQueueSourceArn: message.sourceArn,
  AWSTraceHeader: message.systemAttributes.AWSTraceHeader?.StringValue,
});

const DeleteMessage: Operation = (input, { engine }) =>
  deleteMessage(engine, queueNameOf(input, engine), input.require('ReceiptHandle'));

const ChangeMessageVisibility: Operation = (input, { engine }) => {
  const queueName = queueNameOf(input, engine);
  const handle = input.require('ReceiptHandle');
  changeVisibility(engine, queueName, handle, input.requireInt('VisibilityTimeout'));
};

export const messageOperations: Record<string, Operation> = {
  SendMessage,
  ReceiveMessage,
  DeleteMessage,
  ChangeMessageVisibility,
};
