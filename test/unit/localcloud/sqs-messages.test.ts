import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

/** Tells when the engine has asked to be woken (a long poll waits), or no longer wants to be. */
class WatchedClock extends VirtualClock {
  #listeners: { wanted: boolean; resolve: () => void }[] = [];

  override wakeAt(at: number | undefined, wake: () => void): void {
    super.wakeAt(at, wake);
    const wanted = at !== undefined;
    const heard = this.#listeners.filter((listener) => listener.wanted === wanted);
    this.#listeners = this.#listeners.filter((listener) => listener.wanted !== wanted);
    for (const { resolve } of heard) resolve();
  }

  armed = (wanted = true) => new Promise<void>((resolve) => void this.#listeners.push({ wanted, resolve }));
}

describe('messages', () => {
  let clock: WatchedClock;
  let cloud: TestCloud;
  let sqs: SQSClient;
  let QueueUrl: string;

  beforeEach(async () => {
    clock = new WatchedClock();
    cloud = await startCloud({ clock });
    sqs = new SQSClient(cloud.client);
    QueueUrl = await create('jobs');
  });
  afterEach(async () => {
    sqs.destroy();
    await cloud.close();
  });

  const create = async (QueueName: string, Attributes?: Record<string, string>) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string;
  const send = (MessageBody: string, more: object = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];
  const bodies = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
    (await receive({ MaxNumberOfMessages: 10, ...more })).map((message) => message.Body);
  const count = async (name: string) =>
    (
      await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: QueueUrl.replace(/[^/]+$/, name),
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      )
    ).Attributes?.ApproximateNumberOfMessages;

  it('a message comes back with its attributes, and digests as AWS computes them', async () => {
    const sent = await send('hello', {
      MessageAttributes: {
        test_attribute_name_1: { DataType: 'String', StringValue: 'test_attribute_value_1' },
        test_attribute_name_2: { DataType: 'String', StringValue: 'test_attribute_value_2' },
        bytes: { DataType: 'Binary.gzip', BinaryValue: new Uint8Array([0, 255, 7]) },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
    });
    expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
    const [message] = await receive({
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['test_attribute_name_.*'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'hello',
      // The digest that SQS itself gives these two attributes.
      MD5OfMessageAttributes: 'd53f3b558fe951154770f25cb63dbba9',
      Attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(clock.now()),
        SenderId: '000000000000',
        AWSTraceHeader: 'Root=1',
      },
    });
    expect(Object.keys(message?.MessageAttributes ?? {})).toHaveLength(2);
    clock.advance(31_000);
    const [again] = await receive({ MessageAttributeNames: ['bytes'] });
    expect(again?.MessageAttributes?.bytes?.BinaryValue).toEqual(new Uint8Array([0, 255, 7]));
    expect(again?.Attributes).toBeUndefined();
  });

  it('a received message is hidden for the visibility timeout, then comes again', async () => {
    await send('a');
    expect(await bodies({ VisibilityTimeout: 10 })).toEqual(['a']);
    clock.advance(9_999);
    expect(await bodies()).toEqual([]);
    clock.advance(1);
    const [message] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  });

  it('a visibility timeout can be made longer, or ended', async () => {
    await send('a');
    const [message] = await receive();
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(100);
    clock.advance(60_000);
    expect(await bodies()).toEqual([]);
    await change(0);
    await expect(change(5)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await bodies()).toEqual(['a']);
  });

  it('only the handle of the latest receive deletes', async () => {
    await send('a');
    const [first] = await receive();
    clock.advance(30_000);
    const [second] = await receive();
    const del = (ReceiptHandle?: string) => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await del(first?.ReceiptHandle);
    clock.advance(30_000);
    expect(await count('jobs')).toBe('1');
    await del(second?.ReceiptHandle);
    await del(second?.ReceiptHandle);
    expect(await count('jobs')).toBe('0');
    await expect(del('rubbish')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('a long poll ends at once when a message is sent', async () => {
    const poll = bodies({ WaitTimeSeconds: 20 });
    await clock.armed();
    await send('a');
    expect(await poll).toEqual(['a']);
    expect(clock.now()).toBe(new VirtualClock().now());
  });

  it('a long poll ends when a hidden message shows itself again', async () => {
    await send('a');
    await receive({ VisibilityTimeout: 5 });
    const poll = bodies({ WaitTimeSeconds: 20 });
    await clock.armed();
    clock.advance(5_000);
    expect(await poll).toEqual(['a']);
  });

  it('a long poll that finds nothing ends after its time with nothing', async () => {
    const poll = bodies({ WaitTimeSeconds: 20 });
    await clock.armed();
    clock.advance(20_000);
    expect(await poll).toEqual([]);
  });

  it('a client that goes away leaves its place in the line: the message goes to the next', async () => {
    const abort = new AbortController();
    const gone = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: abort.signal,
    });
    await clock.armed();
    abort.abort();
    await Promise.all([expect(gone).rejects.toThrow(), clock.armed(false)]);
    await send('a');
    expect(await bodies()).toEqual(['a']);
  });

  it('long polls are served in the order they came, one message each', async () => {
    const first = bodies({ WaitTimeSeconds: 20 });
    await clock.armed();
    const second = bodies({ WaitTimeSeconds: 20 });
    await clock.armed();
    await send('a');
    expect(await first).toEqual(['a']);
    await send('b');
    expect(await second).toEqual(['b']);
  });

  it('a message received too often goes to the dead-letter queue and names where it came from', async () => {
    await create('dead');
    const deadLetterTargetArn = 'arn:aws:sqs:eu-central-1:000000000000:dead';
    QueueUrl = await create('work', {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
    });
    await send('poison');
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await bodies()).toEqual(['poison']);
      clock.advance(1_000);
    }
    expect(await count('dead')).toBe('0');
    expect(await bodies()).toEqual([]);
    expect([await count('work'), await count('dead')]).toEqual(['0', '1']);
    QueueUrl = QueueUrl.replace('work', 'dead');
    const [message] = await receive({ MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'] });
    expect(message?.Attributes?.DeadLetterQueueSourceArn).toBe('arn:aws:sqs:eu-central-1:000000000000:work');
  });

  it('a delayed message waits', async () => {
    await send('later', { DelaySeconds: 5 });
    expect(await bodies()).toEqual([]);
    clock.advance(5_000);
    expect(await bodies()).toEqual(['later']);
  });

  it('a message past its retention is gone', async () => {
    await send('old');
    clock.advance(345_600_000);
    expect(await count('jobs')).toBe('0');
    expect(await bodies()).toEqual([]);
  });

  it('each entry of a batch has its own outcome', async () => {
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
        ],
      }),
    );
    expect(sent.Successful?.map((entry) => entry.Id)).toEqual(['good']);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' }]);
    const [message] = await receive();
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'rubbish' },
        ],
      }),
    );
    expect([deleted.Successful?.length, deleted.Failed?.length]).toEqual([1, 1]);
    const twice = { Id: 'x', MessageBody: 'a' };
    await expect(
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [twice, twice] })),
    ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] }))).rejects.toMatchObject({
      name: 'EmptyBatchRequest',
    });
  });

  it.each([
    ['', {}, 'MissingParameter'],
    ['\u0000', {}, 'InvalidMessageContents'],
    ['x'.repeat(1_048_577), {}, 'InvalidParameterValue'],
    ['x', { MessageAttributes: { n: { DataType: 'Number', StringValue: 'one' } } }, 'InvalidParameterValue'],
    ['x', { MessageAttributes: { n: { DataType: 'Text', StringValue: 'one' } } }, 'InvalidParameterValue'],
    ['x', { DelaySeconds: 901 }, 'InvalidParameterValue'],
  ])('a message that cannot be sent is refused (%#)', async (body, more, Code) => {
    await expect(send(body, more)).rejects.toMatchObject({ Code });
  });

  it('messages of a FIFO group come in order, one at a time, and twice the same only once', async () => {
    QueueUrl = await create('jobs.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    const first = await send('1', { MessageGroupId: 'g' });
    await send('2', { MessageGroupId: 'g' });
    await send('other', { MessageGroupId: 'h' });
    expect((await send('1', { MessageGroupId: 'g' })).MessageId).toBe(first.MessageId);
    const [one] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(one).toMatchObject({ Body: '1', Attributes: { MessageGroupId: 'g' } });
    expect(await bodies()).toEqual(['other']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: one?.ReceiptHandle }));
    expect(await bodies()).toEqual(['2']);
    await expect(send('3')).rejects.toMatchObject({ Code: 'MissingParameter' });
  });
});
