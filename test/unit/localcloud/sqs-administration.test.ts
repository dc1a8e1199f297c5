import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  RemovePermissionCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { takeMessages } from '../../../src/localcloud/engine/queues/receive.ts';
import { findQueue, messagesOf } from '../../../src/localcloud/engine/queues/records.ts';
import { sendMessage } from '../../../src/localcloud/engine/queues/send.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const arn = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;
let clock: VirtualClock;
let cloud: TestCloud;
let sqs: SQSClient;
let QueueUrl: string;
beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await startCloud({ clock });
  sqs = new SQSClient(cloud.client);
  await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 });
  const created = new CreateQueueCommand({
    QueueName: 'jobs',
    Attributes: { RedrivePolicy, VisibilityTimeout: '0' },
  });
  QueueUrl = (await sqs.send(created)).QueueUrl!;
});
afterEach(() => cloud.close());

/** Messages that were received once too often. */
function dieOf(count: number): void {
  const { engine } = cloud;
  for (let at = 0; at < count; at++)
    sendMessage(engine, 'jobs', { body: `m${at}`, attributes: {}, systemAttributes: {}, senderId: 'x' });
  for (let round = 0; round < 2; round++) takeMessages(engine, findQueue(engine, 'jobs'), count);
}
const bodies = (queue: string) =>
  messagesOf(cloud.engine, queue)
    .all()
    .map(({ body }) => body);
const start = (more = {}) => sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead'), ...more }));
const tasks = async () =>
  (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead'), MaxResults: 10 }))).Results!;

describe('a move task', () => {
  it('brings dead letters back to where they came from, as new messages', async () => {
    dieOf(3);
    expect([bodies('jobs'), bodies('dead')]).toEqual([[], ['m0', 'm1', 'm2']]);
    await start();
    expect([bodies('jobs'), bodies('dead')]).toEqual([['m0', 'm1', 'm2'], []]);
    expect(messagesOf(cloud.engine, 'jobs').all()[0]).toMatchObject({ receiveCount: 0 });
    expect(await tasks()).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
    ]);
  });

  it('goes as fast as it may, one at a time, and can be cancelled', async () => {
    dieOf(5);
    const { TaskHandle } = await start({ MaxNumberOfMessagesPerSecond: 2 });
    clock.advance(1_000);
    expect(bodies('jobs')).toHaveLength(4);
    await expect(start()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(4);
    clock.advance(10_000);
    expect(bodies('dead')).toEqual(['m4']);
    expect((await tasks())[0]).toMatchObject({ Status: 'CANCELLED' });
  });

  it('goes elsewhere when told, and only out of dead-letter queues', async () => {
    dieOf(1);
    await sqs.send(new CreateQueueCommand({ QueueName: 'other' }));
    await start({ DestinationArn: arn('other') });
    expect(bodies('other')).toEqual(['m0']);
    await expect(start({ SourceArn: arn('jobs') })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(start({ SourceArn: arn('none') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

it("permissions are kept in the queue's policy", async () => {
  const policy = async () => {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
    return (await sqs.send(asked)).Attributes?.Policy;
  };
  const add = new AddPermissionCommand({
    ...{ QueueUrl, Label: 'partner' },
    ...{ AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] },
  });
  await sqs.send(add);
  expect(JSON.parse((await policy())!).Statement).toEqual([
    {
      Sid: 'partner',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::111111111111:root'] },
      Action: ['SQS:SendMessage'],
      Resource: arn('jobs'),
    },
  ]);
  await expect(sqs.send(add)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'partner' }));
  expect(await policy()).toBeUndefined();
});
