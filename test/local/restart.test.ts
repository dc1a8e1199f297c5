import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resetLocalCloud, startLocalCloud } from '../../src/localcloud/control.ts';
import { isAlive, type LocalCloudInfo } from '../../src/localcloud/control-info.ts';

const program = fileURLToPath(new URL('../../dist/localcloud/daemon.js', import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-restart-'));
});
afterEach(async () => {
  await resetLocalCloud(directory);
  rmSync(directory, { recursive: true, force: true });
});

const start = () => startLocalCloud(directory, { runtime: 'none', speed: 20 }, program);

/** No client of a request that was cut off may ask again by itself: it would hide what was lost. */
const settings = ({ endpoint, region, accessKeyId, secretAccessKey }: LocalCloudInfo) => ({
  endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});

async function kill(info: LocalCloudInfo): Promise<void> {
  process.kill(info.pid, 'SIGKILL');
  await expect.poll(() => isAlive(info), { interval: 5, timeout: 10_000 }).toBe(false);
}

async function baseImage(ec2: EC2Client): Promise<string> {
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  return Images?.[0]?.ImageId as string;
}

/** Does something over and over until it fails; what was acknowledged is kept. */
async function untilItFails<T>(acknowledged: T[], work: (n: number) => Promise<T>): Promise<void> {
  for (let n = 0; ; n++) {
    try {
      acknowledged.push(await work(n));
    } catch {
      return;
    }
  }
}

test('a killed daemon has lost nothing that it acknowledged under load', async () => {
  const first = await start();
  const [ec2, sqs, ssm] = [
    new EC2Client(settings(first)),
    new SQSClient(settings(first)),
    new SSMClient(settings(first)),
  ];
  const ImageId = await baseImage(ec2);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'load' }));
  const launched: string[] = [];
  const sent: string[] = [];
  const put: string[] = [];
  const launch = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const load = [
    ...[0, 1, 2].map(() =>
      untilItFails(launched, async () => {
        const { Instances } = await ec2.send(new RunInstancesCommand(launch));
        return Instances?.[0]?.InstanceId as string;
      }),
    ),
    ...[0, 1, 2].map((writer) =>
      untilItFails(sent, async (n) => {
        const MessageBody = `${writer}-${n}`;
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        return MessageBody;
      }),
    ),
    ...[0, 1, 2].map((writer) =>
      untilItFails(put, async (n) => {
        const Name = `/load/${writer}-${n}`;
        await ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
        return Name;
      }),
    ),
  ];
  await expect
    .poll(() => Math.min(launched.length, sent.length, put.length), { interval: 5, timeout: 60_000 })
    .toBeGreaterThan(40);
  await kill(first);
  await Promise.all(load);

  const second = await start();
  expect(second.endpoint).toBe(first.endpoint);
  const described = await new EC2Client(settings(second)).send(new DescribeInstancesCommand({}));
  const there = described.Reservations?.flatMap(({ Instances = [] }) =>
    Instances.map((one) => one.InstanceId),
  );
  expect(launched.filter((id) => !there?.includes(id))).toEqual([]);
  const names = await allParameters(new SSMClient(settings(second)));
  expect(put.filter((name) => !names.has(name))).toEqual([]);
  const bodies = await allMessages(new SQSClient(settings(second)), QueueUrl as string);
  expect(sent.filter((body) => !bodies.has(body))).toEqual([]);
});

async function allParameters(ssm: SSMClient): Promise<Set<string>> {
  const names = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(new GetParametersByPathCommand({ Path: '/load', NextToken }));
    for (const { Name } of page.Parameters ?? []) names.add(Name as string);
    NextToken = page.NextToken;
  } while (NextToken);
  return names;
}

async function allMessages(sqs: SQSClient, QueueUrl: string): Promise<Set<string>> {
  const bodies = new Set<string>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body } of Messages) bodies.add(Body as string);
  }
}

test('an instance refresh goes on where it was when its daemon is killed, again and again, and ends once', async () => {
  let info: LocalCloudInfo = await start();
  const ec2 = new EC2Client(settings(info));
  const LaunchTemplateName = 'workers';
  const ImageId = await baseImage(ec2);
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName,
      LaunchTemplateData: { ImageId, InstanceType: 't3.micro' },
    }),
  );
  await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName,
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 't3.small' },
    }),
  );
  const group = { AutoScalingGroupName: 'workers' };
  const scaling = () => new AutoScalingClient(settings(info));
  await scaling().send(
    new CreateAutoScalingGroupCommand({
      ...group,
      ...{ MinSize: 4, MaxSize: 4, AvailabilityZones: ['eu-central-1a', 'eu-central-1b'] },
      LaunchTemplate: { LaunchTemplateName, Version: '1' },
    }),
  );
  const members = async () => {
    const described = await scaling().send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['workers'] }),
    );
    return (described.AutoScalingGroups?.[0]?.Instances ?? []).map(
      ({ LifecycleState, LaunchTemplate }) => `${LifecycleState} ${LaunchTemplate?.Version}`,
    );
  };
  const waiting = { interval: 20, timeout: 60_000 };
  await expect.poll(members, waiting).toEqual(Array(4).fill('InService 1'));

  const { InstanceRefreshId } = await scaling().send(
    new StartInstanceRefreshCommand({
      ...group,
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName, Version: '2' } },
      Preferences: { MinHealthyPercentage: 75, InstanceWarmup: 10 },
    }),
  );
  const refresh = async () =>
    (await scaling().send(new DescribeInstanceRefreshesCommand(group))).InstanceRefreshes ?? [];
  const reached = async () => (await refresh())[0]?.PercentageComplete ?? 0;
  for (const percentage of [25, 50]) {
    await expect.poll(reached, waiting).toBeGreaterThanOrEqual(percentage);
    const before = await reached();
    await kill(info);
    info = await start();
    expect(await reached()).toBeGreaterThanOrEqual(before);
  }
  await expect.poll(async () => (await refresh())[0]?.Status, waiting).toBe('Successful');
  expect((await refresh()).map((one) => one.InstanceRefreshId)).toEqual([InstanceRefreshId]);
  expect(await members()).toEqual(Array(4).fill('InService 2'));
});
