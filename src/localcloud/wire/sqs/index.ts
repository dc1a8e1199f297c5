import type { Service } from '../service.ts';
import { administrationOperations } from './administration.ts';
import { batchOperations } from './batch.ts';
import { messageOperations } from './messages.ts';
import { inQueryProtocol } from './query.ts';
import { queueOperations } from './queues.ts';

/** Amazon SQS, version 2012-11-05: AWS JSON as clients speak it since 2023, and the query protocol of those before. */
export function sqsService(): Service {
  const operations = {
    ...queueOperations,
    ...messageOperations,
    ...batchOperations,
    ...administrationOperations,
  };
  return {
    signingName: 'sqs',
    parameterErrors: { missing: 'MissingParameter', malformed: 'InvalidParameterValue' },
    json: { version: '1.0', targetPrefix: 'AmazonSQS', operations, errorShapes: SHAPES },
    form: {
      dialect: 'query',
      xmlns: 'http://queue.amazonaws.com/doc/2012-11-05/',
      operations: inQueryProtocol(operations),
    },
  };
}

const OF_SQS = {
  'AWS.SimpleQueueService.BatchEntryIdsNotDistinct': 'BatchEntryIdsNotDistinct',
  'AWS.SimpleQueueService.BatchRequestTooLong': 'BatchRequestTooLong',
  'AWS.SimpleQueueService.EmptyBatchRequest': 'EmptyBatchRequest',
  'AWS.SimpleQueueService.InvalidBatchEntryId': 'InvalidBatchEntryId',
  'AWS.SimpleQueueService.MessageNotInflight': 'MessageNotInflight',
  'AWS.SimpleQueueService.NonExistentQueue': 'QueueDoesNotExist',
  'AWS.SimpleQueueService.PurgeQueueInProgress': 'PurgeQueueInProgress',
  'AWS.SimpleQueueService.TooManyEntriesInBatchRequest': 'TooManyEntriesInBatchRequest',
  'AWS.SimpleQueueService.UnsupportedOperation': 'UnsupportedOperation',
  InvalidAttributeName: 'InvalidAttributeName',
  InvalidAttributeValue: 'InvalidAttributeValue',
  InvalidMessageContents: 'InvalidMessageContents',
  QueueAlreadyExists: 'QueueNameExists',
  ReceiptHandleIsInvalid: 'ReceiptHandleIsInvalid',
  RequestThrottled: 'RequestThrottled',
  ResourceNotFoundException: 'ResourceNotFoundException',
};

/** Full names of the JSON shapes. Those that the model does not list come from the framework below it. */
const SHAPES: Record<string, string> = {
  ...Object.fromEntries(Object.entries(OF_SQS).map(([code, shape]) => [code, `com.amazonaws.sqs#${shape}`])),
  AccessDenied: 'com.amazon.coral.service#AccessDeniedException',
  InvalidParameterValue: 'com.amazon.coral.service#InvalidParameterValueException',
  MissingParameter: 'com.amazon.coral.service#MissingRequiredParameterException',
  InvalidAction: 'com.amazon.coral.service#UnknownOperationException',
};
