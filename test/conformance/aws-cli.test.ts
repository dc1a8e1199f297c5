import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { systemClock } from '../../src/run/clock.ts';
import { poll } from '../../src/run/poll.ts';
import { bake, execute, temporaryDirectory } from '../helpers/cli.ts';

/** Every AWS CLI on PATH, and Debian's own: generations differ in protocol and in what they know. */
function installedClis(): { path: string; version: string }[] {
  const clis = new Map<string, string>();
  for (const directory of [...(process.env.PATH ?? '').split(':'), '/usr/bin']) {
    const path = join(directory, 'aws');
    try {
      const real = realpathSync(path);
      const version =
        execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split(
          ' ',
        )[0] ?? '';
      if (!clis.has(real)) clis.set(real, version);
    } catch {
      // Not there.
    }
  }
  return [...clis].map(([path, version]) => ({ path, version }));
}

/** The CLI's waiters look at once and then every 15 seconds: what they wait for had better be there. */
async function seen(what: () => Promise<boolean>): Promise<void> {
  const look = async () =>
    (await what()) ? ({ done: true, value: true } as const) : ({ done: false, state: 'not yet' } as const);
  await poll(look, { what: 'the state', timeout: 60_000, clock: systemClock, interval: { longest: 250 } });
}

const clis = installedClis();
const directory = temporaryDirectory('aws-cli');
let environment: Record<string, string> = {};
let cloud: Cloud;

beforeAll(async () => {
  if (clis.length === 0) return;
  const started = await bake(directory, 'local', 'start', '--speed', '20', '--json');
  expect(started.stderr + started.stdout).toContain('endpoint');
  const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
  const credentials = { accessKeyId, secretAccessKey };
  cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
  environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
});

afterAll(async () => {
  cloud?.close();
  if (clis.length > 0) await bake(directory, 'local', 'reset');
});

if (clis.length === 0) it.skip('the AWS CLI is not installed here: nothing was checked', () => {});

describe.each(clis)('$version, unmodified', ({ path, version }) => {
  const name = version.replace(/[^0-9]+/g, '-');

  /** Debian's generation does not read AWS_ENDPOINT_URL, so it is told on the command line. */
  async function run(...args: string[]) {
    return execute(
      path,
      ['--endpoint-url', environment.AWS_ENDPOINT_URL as string, '--output', 'json', ...args],
      {
        env: environment,
      },
    );
  }

  async function aws(...args: string[]) {
    const ended = await run(...args);
    expect(ended.stderr, `aws ${args.join(' ')}`).toBe('');
    expect(ended.code, `aws ${args.join(' ')}`).toBe(0);
    return ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
  }

  const baseImage = async () =>
    (
      await aws(
        'ssm',
        'get-parameter',
        '--name',
        '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      )
    ).Parameter.Value as string;

  it('knows who it is', async () => {
    const identity = await aws('sts', 'get-caller-identity');
    expect(identity).toMatchObject({ Account: '000000000000', Arn: 'arn:aws:iam::000000000000:root' });
  });

  it('is refused with a wrong secret', async () => {
    const wrong = { ...environment, AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) };
    const ended = await execute(
      path,
      ['--endpoint-url', environment.AWS_ENDPOINT_URL as string, 'sts', 'get-caller-identity'],
      {
        env: wrong,
      },
    );
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('SignatureDoesNotMatch');
  });

  it('launches an instance, waits until it runs, images it, and finds image and snapshot', async () => {
    const run = await aws(
      ...[
        'ec2',
        'run-instances',
        '--image-id',
        await baseImage(),
        '--instance-type',
        't3.micro',
        '--count',
        '1',
      ],
      ...['--tag-specifications', `ResourceType=instance,Tags=[{Key=cli,Value=${name}}]`],
    );
    const instanceId = run.Instances[0].InstanceId as string;
    await seen(async () => (await cloud.instances.find([instanceId]))[0]?.state === 'running');
    await aws('ec2', 'wait', 'instance-running', '--instance-ids', instanceId);
    const listed = await aws('ec2', 'describe-instances', '--filters', `Name=tag:cli,Values=${name}`);
    expect(listed.Reservations[0].Instances[0]).toMatchObject({
      InstanceId: instanceId,
      State: { Name: 'running' },
    });

    await aws('ec2', 'stop-instances', '--instance-ids', instanceId);
    await seen(async () => (await cloud.instances.find([instanceId]))[0]?.state === 'stopped');
    await aws('ec2', 'wait', 'instance-stopped', '--instance-ids', instanceId);
    const { ImageId } = await aws('ec2', 'create-image', '--instance-id', instanceId, '--name', `cli${name}`);
    await seen(async () => (await cloud.images.find([ImageId]))[0]?.state === 'available');
    await aws('ec2', 'wait', 'image-available', '--image-ids', ImageId);
    const images = await aws(
      'ec2',
      'describe-images',
      '--owners',
      'self',
      '--filters',
      `Name=name,Values=cli${name}`,
    );
    const snapshot = images.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId;
    expect((await aws('ec2', 'describe-snapshots', '--snapshot-ids', snapshot)).Snapshots).toHaveLength(1);
    await aws('ec2', 'terminate-instances', '--instance-ids', instanceId);
    await seen(async () => (await cloud.instances.find([instanceId]))[0]?.state === 'terminated');
    await aws('ec2', 'wait', 'instance-terminated', '--instance-ids', instanceId);
  });

  it('makes a launch template and a group, refreshes it to a new version, and removes it', async () => {
    const image = await baseImage();
    const data = JSON.stringify({ ImageId: image, InstanceType: 't3.micro' });
    const template = `lt${name}`;
    await aws(
      'ec2',
      'create-launch-template',
      '--launch-template-name',
      template,
      '--launch-template-data',
      data,
    );
    const group = `group${name}`;
    await aws(
      ...['autoscaling', 'create-auto-scaling-group', '--auto-scaling-group-name', group],
      ...['--launch-template', `LaunchTemplateName=${template},Version=1`],
      ...[
        '--min-size',
        '1',
        '--max-size',
        '2',
        '--desired-capacity',
        '1',
        '--availability-zones',
        'eu-central-1a',
      ],
    );
    await until(async () => {
      const { AutoScalingGroups } = await aws(
        'autoscaling',
        'describe-auto-scaling-groups',
        '--auto-scaling-group-names',
        group,
      );
      return AutoScalingGroups[0].Instances[0]?.LifecycleState === 'InService';
    });
    const second = await aws(
      ...[
        'ec2',
        'create-launch-template-version',
        '--launch-template-name',
        template,
        '--source-version',
        '1',
      ],
      ...['--launch-template-data', JSON.stringify({ InstanceType: 't3.small' })],
    );
    expect(second.LaunchTemplateVersion.VersionNumber).toBe(2);
    const desired = { LaunchTemplate: { LaunchTemplateName: template, Version: '2' } };
    await aws(
      ...['autoscaling', 'start-instance-refresh', '--auto-scaling-group-name', group],
      ...['--desired-configuration', JSON.stringify(desired)],
      ...['--preferences', JSON.stringify({ MinHealthyPercentage: 0, InstanceWarmup: 0 })],
    );
    await until(async () => {
      const { InstanceRefreshes } = await aws(
        'autoscaling',
        'describe-instance-refreshes',
        '--auto-scaling-group-name',
        group,
      );
      return InstanceRefreshes[0].Status === 'Successful';
    });
    const { AutoScalingGroups } = await aws(
      'autoscaling',
      'describe-auto-scaling-groups',
      '--auto-scaling-group-names',
      group,
    );
    expect(AutoScalingGroups[0].LaunchTemplate.Version).toBe('2');
    await aws(
      'autoscaling',
      'delete-auto-scaling-group',
      '--auto-scaling-group-name',
      group,
      '--force-delete',
    );
    await aws('ec2', 'delete-launch-template', '--launch-template-name', template);
  });

  it('sends, receives and deletes a message with an attribute', async () => {
    const { QueueUrl } = await aws('sqs', 'create-queue', '--queue-name', `queue${name}`);
    await aws(
      ...['sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'grüße & <xml>'],
      ...['--message-attributes', JSON.stringify({ kind: { DataType: 'String', StringValue: 'test' } })],
    );
    const received = await aws(
      ...[
        'sqs',
        'receive-message',
        '--queue-url',
        QueueUrl,
        '--wait-time-seconds',
        '5',
        '--message-attribute-names',
        'All',
      ],
    );
    expect(received.Messages[0]).toMatchObject({
      Body: 'grüße & <xml>',
      MessageAttributes: { kind: { StringValue: 'test', DataType: 'String' } },
    });
    await aws(
      'sqs',
      'delete-message',
      '--queue-url',
      QueueUrl,
      '--receipt-handle',
      received.Messages[0].ReceiptHandle,
    );
    const { Attributes } = await aws(
      'sqs',
      'get-queue-attributes',
      '--queue-url',
      QueueUrl,
      '--attribute-names',
      'All',
    );
    expect(Attributes.ApproximateNumberOfMessages).toBe('0');
  });

  it('writes log events and finds them by pattern', async () => {
    const group = `/cli/${name}`;
    await aws('logs', 'create-log-group', '--log-group-name', group);
    await aws('logs', 'create-log-stream', '--log-group-name', group, '--log-stream-name', 's');
    const events = [
      { timestamp: Date.now(), message: '{"level":"info","n":1}' },
      { timestamp: Date.now(), message: '{"level":"error","n":2}' },
    ];
    const file = join(directory, `events${name}.json`);
    writeFileSync(file, JSON.stringify(events));
    await aws(
      'logs',
      'put-log-events',
      '--log-group-name',
      group,
      '--log-stream-name',
      's',
      '--log-events',
      `file://${file}`,
    );
    const found = await aws(
      'logs',
      'filter-log-events',
      '--log-group-name',
      group,
      '--filter-pattern',
      '{ $.level = "error" }',
    );
    expect(found.events.map((event: { message: string }) => event.message)).toEqual([
      '{"level":"error","n":2}',
    ]);
  });

  it('gets the error of the service for an unknown thing and an unknown operation', async () => {
    const missing = await run('ec2', 'describe-instances', '--instance-ids', 'i-0123456789abcdef0');
    expect(missing.stderr).toContain('InvalidInstanceID.NotFound');
    const unknown = await run('ec2', 'describe-vpn-gateways');
    expect(unknown.stderr).toContain('InvalidAction');
  });

  /** The CLI has no waiter for these; each look is a process of its own, which is pause enough. */
  async function until(look: () => Promise<boolean>): Promise<void> {
    for (let looks = 0; looks < 60; looks++) if (await look()) return;
    throw new Error('not in 60 looks');
  }
});
