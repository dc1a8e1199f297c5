import { XMLParser } from 'fast-xml-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { signedRequest } from '../../helpers/signed-request.ts';

describe('SQS in the query protocol, as clients spoke it before 2023', () => {
  let cloud: TestCloud;

  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  /** Parameters as botocore's model of 2012-11-05 serializes them; the queue stands in the path alone. */
  async function call(action: string, parameters: Record<string, string> = {}, path = '/000000000000/jobs') {
    const answer = await signedRequest(cloud, {
      service: 'sqs',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({ Action: action, Version: '2012-11-05', ...parameters }).toString(),
    });
    const parsed = new XMLParser({ parseTagValue: false }).parse(answer.body);
    return parsed[`${action}Response`]?.[`${action}Result`] ?? parsed.ErrorResponse ?? parsed;
  }
  const create = () =>
    call('CreateQueue', {
      QueueName: 'jobs',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '7',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'a',
    });

  it('maps are lists of names and values, lists are flattened', async () => {
    expect((await create()).QueueUrl).toBe(`${cloud.endpoint}/000000000000/jobs`);
    const { Attribute } = await call('GetQueueAttributes', { 'AttributeName.1': 'VisibilityTimeout' });
    expect(Attribute).toEqual({ Name: 'VisibilityTimeout', Value: '7' });
    expect((await call('ListQueueTags')).Tag).toEqual({ Key: 'team', Value: 'a' });
    expect((await call('ListQueues', {}, '/')).QueueUrl).toContain('/jobs');
    expect((await call('GetQueueUrl', { QueueName: 'jobs' }, '/')).QueueUrl).toContain('/jobs');
  });

  it('messages with attributes go in and come out, one by one and in batches', async () => {
    await create();
    await call('SendMessage', {
      MessageBody: 'one <&>',
      'MessageAttribute.1.Name': 'n',
      'MessageAttribute.1.Value.DataType': 'Number',
      'MessageAttribute.1.Value.StringValue': '5',
    });
    const batch = await call('SendMessageBatch', {
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': 'two',
      'SendMessageBatchRequestEntry.2.Id': 'b',
      'SendMessageBatchRequestEntry.2.MessageBody': 'three',
      'SendMessageBatchRequestEntry.2.DelaySeconds': '901',
    });
    expect(batch.SendMessageBatchResultEntry).toMatchObject({ Id: 'a' });
    expect(batch.BatchResultErrorEntry).toMatchObject({ Id: 'b', SenderFault: 'true' });
    const { Message } = await call('ReceiveMessage', {
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    expect(Message).toMatchObject([
      {
        Body: 'one &#60;&#38;&#62;',
        Attribute: { Name: 'ApproximateReceiveCount', Value: '1' },
        MessageAttribute: { Name: 'n', Value: { DataType: 'Number', StringValue: '5' } },
      },
      { Body: 'two' },
    ]);
    const deleted = await call('DeleteMessageBatch', {
      'DeleteMessageBatchRequestEntry.1.Id': 'x',
      'DeleteMessageBatchRequestEntry.1.ReceiptHandle': Message[1].ReceiptHandle,
    });
    expect(deleted.DeleteMessageBatchResultEntry).toEqual({ Id: 'x' });
  });

  it('errors have the codes of the query protocol', async () => {
    expect((await call('PurgeQueue')).Error).toMatchObject({
      Type: 'Sender',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    await create();
    expect((await call('SendMessage')).Error.Code).toBe('MissingParameter');
  });
});
