import { ServiceError } from '../../engine/errors.ts';
import { changeVisibility, deleteMessage } from '../../engine/queues/receive.ts';
import { sqsError } from '../../engine/queues/records.ts';
import { sendMessage, sizeOf } from '../../engine/queues/send.ts';
import type { Input } from '../input.ts';
import type { Operation, RequestContext } from '../service.ts';
import { outgoing, receiptOf } from './messages.ts';
import { queueNameOf } from './queues.ts';

/** What all messages of one request may come to. */
const LARGEST_BATCH = 1_048_576;

/** Ten entries at most, each with its own outcome: one that fails does not keep the others. */
function batch(
  one: (entry: Input, queueName: string, context: RequestContext) => unknown,
  check: (entries: Input[], context: RequestContext) => void = () => {},
): Operation {
  return (input, context) => {
    const queueName = queueNameOf(input, context.engine);
    const entries = input.objects('Entries');
    checkEntries(entries);
    check(entries, context);
    const successful: object[] = [];
    const failed: object[] = [];
    for (const entry of entries) {
      const Id = entry.require('Id');
      try {
        successful.push(Object.assign({ Id }, one(entry, queueName, context)));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        failed.push({ Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
      }
    }
    return { Successful: successful, Failed: failed };
  };
}

function checkEntries(entries: Input[]): void {
  if (entries.length === 0)
    throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) {
    throw sqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  const ids = entries.map((entry) => entry.require('Id'));
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    throw sqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw sqsError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}

const SendMessageBatch = batch(
  (entry, queueName, { engine, caller }) =>
    receiptOf(sendMessage(engine, queueName, outgoing(entry, caller))),
  (entries, { caller }) => {
    const size = entries.reduce((sum, entry) => sum + sizeOf(outgoing(entry, caller)), 0);
    if (size > LARGEST_BATCH) {
      throw sqsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${LARGEST_BATCH} bytes. You have sent ${size} bytes.`,
      );
    }
  },
);

const DeleteMessageBatch = batch((entry, queueName, { engine }) =>
  deleteMessage(engine, queueName, entry.require('ReceiptHandle')),
);

const ChangeMessageVisibilityBatch = batch((entry, queueName, { engine }) =>
  changeVisibility(engine, queueName, entry.require('ReceiptHandle'), entry.int('VisibilityTimeout') ?? 30),
);

export const batchOperations: Record<string, Operation> = {
  SendMessageBatch,
  DeleteMessageBatch,
  ChangeMessageVisibilityBatch,
};
