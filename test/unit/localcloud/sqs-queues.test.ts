import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

describe('queues', () => {
  let cloud: TestCloud;
  let sqs: SQSClient;

  beforeEach(async () => {
    cloud = await startCloud();
    sqs = new SQSClient(cloud.client);
  });
  afterEach(async () => {
    sqs.destroy();
    await cloud.close();
  });

  const create = async (QueueName: string, Attributes?: Record<string, string>) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string;
  const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;

  it('creating a queue again with the same attributes gives the same queue', async () => {
    const url = await create('jobs', { VisibilityTimeout: '60' });
    expect(url).toBe(`${cloud.endpoint}/000000000000/jobs`);
    expect(await create('jobs', { VisibilityTimeout: '60' })).toBe(url);
    expect(await create('jobs')).toBe(url);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(url);
  });

  it('creating a queue again with another value of an attribute is refused', async () => {
    await create('jobs', { VisibilityTimeout: '60' });
    await expect(create('jobs', { VisibilityTimeout: '61' })).rejects.toMatchObject({
      name: 'QueueNameExists',
      Code: 'QueueAlreadyExists',
    });
  });

  it('a queue that is not there is named as both generations of clients know it', async () => {
    const QueueUrl = `${cloud.endpoint}/000000000000/none`;
    const error = await sqs.send(new PurgeQueueCommand({ QueueUrl })).catch((e) => e);
    expect(error).toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  it.each([
    [{ VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
    [{ DelaySeconds: 'x' }, 'InvalidAttributeValue'],
    [{ Colour: 'red' }, 'InvalidAttributeName'],
    [{ RedrivePolicy: '{' }, 'InvalidParameterValue'],
    [{ RedrivePolicy: 'null' }, 'InvalidParameterValue'],
    [
      {
        RedrivePolicy:
          '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:no","maxReceiveCount":3}',
      },
      'InvalidParameterValue',
    ],
  ])('attributes %j are refused with %s', async (attributes, code) => {
    await expect(create('jobs', attributes as Record<string, string>)).rejects.toMatchObject({ Code: code });
  });

  it('attributes come back with defaults, counts, times and ARN', async () => {
    await create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 3 });
    const QueueUrl = await create('jobs', { RedrivePolicy });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b', DelaySeconds: 100 }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: arnOf('jobs'),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      ApproximateNumberOfMessagesNotVisible: '0',
      VisibilityTimeout: '30',
      MaximumMessageSize: '1048576',
      RedrivePolicy,
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
    });
    const one = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['DelaySeconds'] }));
    expect(one.Attributes).toEqual({ DelaySeconds: '0' });
    const sources = await sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: `${cloud.endpoint}/000000000000/dead` }),
    );
    expect(sources.queueUrls).toEqual([QueueUrl]);
  });

  it('attributes can be changed and taken away', async () => {
    await create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: '3' });
    const QueueUrl = await create('jobs', { RedrivePolicy });
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: { RedrivePolicy: '', VisibilityTimeout: '5' },
      }),
    );
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy', 'VisibilityTimeout'] }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '5' });
  });

  it('listing goes by prefix and in pages', async () => {
    for (const name of ['b-2', 'a-1', 'b-1', 'b-3']) await create(name);
    const first = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2 }));
    expect(first.QueueUrls?.map((url) => url.split('/').at(-1))).toEqual(['b-1', 'b-2']);
    const second = await sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2, NextToken: first.NextToken }),
    );
    expect(second.QueueUrls?.map((url) => url.split('/').at(-1))).toEqual(['b-3']);
    expect(second.NextToken).toBeUndefined();
    await expect(sqs.send(new ListQueuesCommand({ MaxResults: 2, NextToken: 'zzz' }))).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
    });
  });

  it('tags are set, listed and removed', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs', tags: { a: '1' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '2' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' });
  });

  it('a queue is emptied once a minute at most, and a deleted one is gone', async () => {
    const QueueUrl = await create('jobs');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
    });
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'x', VisibilityTimeout: 1 })),
    ).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toBeUndefined();
  });
});
