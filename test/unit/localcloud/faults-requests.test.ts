import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { createQueue } from '../../../src/localcloud/engine/queues/queues.ts';
import { messagesOf } from '../../../src/localcloud/engine/queues/records.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { askOwnPath } from '../../helpers/own-paths.ts';

let clock: VirtualClock;
let cloud: TestCloud;
let ec2: EC2Client;
beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await startCloud({ clock });
  ec2 = new EC2Client(cloud.client);
});
afterEach(() => cloud.close());

const faults = (body: object) => askOwnPath(cloud, 'faults', { body });
const describeAll = (client = ec2, abortSignal?: AbortSignal) =>
  client.send(new DescribeInstancesCommand({}), { abortSignal });

/** What comes of so many requests, one after the other: `.` for an answer, else the error's first letter. */
async function outcomes(count: number): Promise<string> {
  let text = '';
  for (let at = 0; at < count; at++)
    text += await describeAll().then(
      () => '.',
      (error: Error) => error.name[0],
    );
  return text;
}

describe('a request that meets a fault', () => {
  it('is throttled in the words of its service, so that clients try again', async () => {
    await faults({ requests: [{ effect: 'throttle' }] });
    const client = cloud.client;
    await expect(describeAll()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    await expect(new S3Client(client).send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'SlowDown',
    });
    await expect(new SQSClient(client).send(new ListQueuesCommand({}))).rejects.toMatchObject({
      name: expect.stringContaining('RequestThrottled'),
    });
    await expect(
      new SSMClient(client).send(new DescribeInstanceInformationCommand({})),
    ).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(new STSClient(client).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'Throttling',
    });
    await askOwnPath(cloud, 'faults', { method: 'DELETE' });
    await faults({ requests: [{ effect: 'throttle', count: 2 }] });
    const patient = new EC2Client({ ...client, maxAttempts: 3 });
    expect((await describeAll(patient)).$metadata.attempts).toBe(3);
  });

  it('fails with the code that was asked for, or with a page that is no protocol', async () => {
    await faults({
      requests: [
        { operation: 'Describe*', service: 'ec2', nth: 1, effect: 'error', code: 'Unavailable', status: 503 },
        { service: 'ec2', nth: 2, effect: 'http-500' },
      ],
    });
    await expect(describeAll()).rejects.toMatchObject({
      name: 'Unavailable',
      $metadata: { httpStatusCode: 503 },
    });
    await expect(describeAll()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await describeAll();
  });

  it('is done and its answer lost: once more with the same token makes nothing new', async () => {
    await faults({ requests: [{ operation: 'RunInstances', nth: 1, effect: 'lost-answer' }] });
    const launch = new RunInstancesCommand({
      ...{ ImageId: baseImageId(cloud.engine), MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' },
      ClientToken: 'once',
    });
    await expect(ec2.send(launch)).rejects.toMatchObject({
      message: expect.stringMatching(/hang up|ECONNRESET/),
    });
    const { Instances } = await ec2.send(launch);
    expect(
      instances(cloud.engine)
        .all()
        .map(({ instanceId }) => instanceId),
    ).toEqual([Instances![0]!.InstanceId]);
  });

  it('waits as long as was asked for, in the time of the cloud', async () => {
    await faults({ requests: [{ operation: 'DescribeInstances', effect: 'latency', milliseconds: 60_000 }] });
    let answered = false;
    const answer = describeAll().then(() => {
      answered = true;
    });
    // Another request has been answered: the first has long been in.
    await new STSClient(cloud.client).send(new GetCallerIdentityCommand({}));
    clock.advance(59_999);
    await new STSClient(cloud.client).send(new GetCallerIdentityCommand({}));
    expect(answered).toBe(false);
    clock.advance(1);
    await answer;
  });

  it('hangs until its client gives up, and then has done nothing', async () => {
    createQueue(cloud.engine, 'jobs', {}, {});
    await faults({ requests: [{ service: 'sqs', effect: 'hang' }] });
    const patience = new AbortController();
    const QueueUrl = `${cloud.endpoint}/000000000000/jobs`;
    const sent = new SQSClient(cloud.client).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }), {
      abortSignal: patience.signal,
    });
    const refused = expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await describeAll();
    patience.abort();
    await refused;
    expect(messagesOf(cloud.engine, 'jobs').size).toBe(0);
  });
});

describe('rules', () => {
  it('strike at what they count, and say how often they did', async () => {
    await faults({ requests: [{ every: 3, count: 2, effect: 'throttle' }] });
    expect(await outcomes(10)).toBe('..R..R....');
    expect(await askOwnPath(cloud, 'faults')).toMatchObject({
      requests: [{ id: 'fault-1', seen: 10, fired: 2 }],
    });
  });

  it('strike by chance the same every time under one seed, and otherwise under another', async () => {
    const run = async (seed: number) => {
      await askOwnPath(cloud, 'faults', { method: 'DELETE' });
      await faults({ seed, requests: [{ probability: 0.4, effect: 'throttle' }] });
      return outcomes(30);
    };
    const first = await run(7);
    expect(first).toMatch(/R/);
    expect(first).toMatch(/\./);
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });

  it('that make no sense are refused in words', async () => {
    await expect(faults({ requests: [{ effect: 'explode' }] })).rejects.toThrow(/effect/);
    await expect(faults({ rules: [] })).rejects.toThrow(/rules/);
  });
});
