import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CancelCommandCommand,
  DescribeDocumentCommand,
  GetCommandInvocationCommand,
  GetDocumentCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  LabelParameterVersionCommand,
  ListDocumentsCommand,
  PutParameterCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { runInstances, terminateInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { noRuntime } from '../../../src/localcloud/sandbox/none.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

let clock: VirtualClock;
let cloud: TestCloud;
let ssm: SSMClient;
let instanceId: string;
let reachable: boolean;
beforeEach(async () => {
  clock = new VirtualClock();
  reachable = true;
  const runtime = {
    ...noRuntime(),
    reachable: async () => reachable,
    run: async () => ({ exitCode: 3, stdout: 'one\ntwo\n', stderr: 'oh\n', timedOut: false }),
  };
  cloud = await startCloud({ clock, runtime });
  ssm = new SSMClient(cloud.client);
  const spec = { imageId: baseImageId(cloud.engine), instanceType: 't3.micro', profile: 'worker' };
  instanceId = runInstances(cloud.engine, spec, 1)[0]!.instanceId;
  cloud.engine.settle();
  clock.advance(1_000);
});
afterEach(() => cloud.close());

async function send(more: Partial<SendCommandCommandInput> = {}) {
  const { Command } = await ssm.send(
    new SendCommandCommand({
      ...{ DocumentName: 'AWS-RunShellScript', InstanceIds: [instanceId] },
      Parameters: { commands: ['true'] },
      ...more,
    }),
  );
  return Command!.CommandId!;
}
const result = (CommandId: string) =>
  ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));

describe("a command's output", () => {
  it('is in the bucket and the log group that it names when its end is told', async () => {
    const s3 = new S3Client(cloud.client);
    await s3.send(new CreateBucketCommand({ Bucket: 'output' }));
    const id = await send({
      ...{ OutputS3BucketName: 'output', OutputS3KeyPrefix: 'runs' },
      CloudWatchOutputConfig: { CloudWatchOutputEnabled: true },
    });
    await cloud.engine.idle();
    const ended = await result(id);
    expect(ended).toMatchObject({ Status: 'Failed', StandardOutputContent: 'one\ntwo\n' });
    const Key = `runs/${id}/${instanceId}/awsrunShellScript/0.awsrunShellScript/stdout`;
    expect(ended.StandardOutputUrl).toBe(`${cloud.endpoint}/output/${Key}`);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'output', Key }));
    expect(await Body!.transformToString()).toBe('one\ntwo\n');
    const read = async (kind: string) => {
      const { events } = await new CloudWatchLogsClient(cloud.client).send(
        new GetLogEventsCommand({
          logGroupName: '/aws/ssm/AWS-RunShellScript',
          logStreamName: `${id}/${instanceId}/aws-runShellScript/${kind}`,
        }),
      );
      return events!.map(({ message }) => message);
    };
    expect(await read('stdout')).toEqual(['one', 'two']);
    expect(await read('stderr')).toEqual(['oh', 'failed to run commands: exit status 3']);
  });

  it('that cannot be put there changes nothing about the command', async () => {
    const id = await send({ OutputS3BucketName: 'nowhere' });
    await cloud.engine.idle();
    expect((await result(id)).Status).toBe('Failed');
  });
});

describe('a command whose instance has gone silent', () => {
  const silence = () => {
    // Online when the command was taken on, not when it is delivered.
    let asked = 0;
    Object.defineProperty(cloud.engine.runtime, 'reachable', {
      value: async () => (asked++ === 0 ? true : reachable),
    });
    reachable = false;
  };

  it('is delayed, and runs when it answers again', async () => {
    silence();
    const id = await send();
    await cloud.engine.idle();
    expect(await result(id)).toMatchObject({ Status: 'Delayed', ResponseCode: -1 });
    reachable = true;
    clock.advance(1_000);
    await cloud.engine.idle();
    expect((await result(id)).StatusDetails).toBe('Failed');
  });

  it('runs out of time for delivery', async () => {
    silence();
    const late = await send({ TimeoutSeconds: 30 });
    for (let second = 0; second < 31; second++) {
      await cloud.engine.idle();
      clock.advance(1_000);
    }
    expect(await result(late)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' });
  });

  it('can be cancelled while it waits', async () => {
    silence();
    const id = await send();
    await cloud.engine.idle();
    await ssm.send(new CancelCommandCommand({ CommandId: id }));
    expect((await result(id)).Status).toBe('Cancelled');
  });

  it('is not waited for when the instance is terminated', async () => {
    silence();
    const id = await send();
    await cloud.engine.idle();
    terminateInstances(cloud.engine, [instanceId]);
    cloud.engine.settle();
    clock.advance(1_000);
    await cloud.engine.idle();
    expect((await result(id)).Status).not.toBe('Delayed');
  });
});

it('the one document can be found, described and read', async () => {
  const { DocumentIdentifiers } = await ssm.send(
    new ListDocumentsCommand({ Filters: [{ Key: 'Owner', Values: ['Amazon'] }] }),
  );
  expect(DocumentIdentifiers).toEqual([expect.objectContaining({ Name: 'AWS-RunShellScript' })]);
  const { Document } = await ssm.send(new DescribeDocumentCommand({ Name: 'AWS-RunShellScript' }));
  expect(Document!.Parameters!.map(({ Name }) => Name)).toEqual([
    'commands',
    'workingDirectory',
    'executionTimeout',
  ]);
  const { Content } = await ssm.send(new GetDocumentCommand({ Name: 'AWS-RunShellScript' }));
  expect(JSON.parse(Content!).schemaVersion).toBe('1.2');
  await expect(ssm.send(new GetDocumentCommand({ Name: 'Other' }))).rejects.toMatchObject({
    name: 'InvalidDocument',
  });
});

it("a parameter's versions are kept and can be labelled; a label is on one version only", async () => {
  const Name = '/app/release';
  for (const Value of ['v1', 'v2', 'v3'])
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  const value = async (selector: string) =>
    (await ssm.send(new GetParameterCommand({ Name: `${Name}:${selector}` }))).Parameter?.Value;
  const label = (Labels: string[], ParameterVersion?: number) =>
    ssm.send(new LabelParameterVersionCommand({ Name, Labels, ParameterVersion }));
  expect(await label(['live', '1x'], 2)).toMatchObject({ InvalidLabels: ['1x'], ParameterVersion: 2 });
  expect([await value('1'), await value('live')]).toEqual(['v1', 'v2']);
  await label(['live']);
  expect(await value('live')).toBe('v3');
  const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name }));
  expect(Parameters!.map(({ Version, Labels }) => [Version, Labels])).toEqual([
    [1, []],
    [2, []],
    [3, ['live']],
  ]);
  await ssm.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion: 3, Labels: ['live'] }));
  await expect(value('live')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
});
