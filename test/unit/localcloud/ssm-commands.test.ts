import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { resumeCommands } from '../../../src/localcloud/engine/commands/run.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { noRuntime } from '../../../src/localcloud/sandbox/none.ts';
import type { CommandOutcome, Runtime } from '../../../src/localcloud/sandbox/runtime.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

type Ran = { instanceId: string; id: string; script: string; timeoutMs: number };

describe('Run Command', () => {
  let clock: VirtualClock;
  let cloud: TestCloud;
  let ssm: SSMClient;
  let ec2: EC2Client;
  let directory: string;
  /** What the runtime was asked to run, and how each test lets it end. */
  let ran: Ran[];
  let outcome: (ran: Ran) => Promise<Partial<CommandOutcome>>;
  let unreachable: Set<string>;
  let cancelled: string[];

  const start = async (directory: string) => {
    const runtime: Runtime = {
      ...noRuntime(),
      reachable: async (instanceId) => !unreachable.has(instanceId),
      async run(instanceId, command) {
        ran.push({ instanceId, ...command });
        const given = await outcome({ instanceId, ...command });
        return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...given };
      },
      cancel: async (_, id) => void cancelled.push(id),
    };
    cloud = await startCloud({ clock, runtime, directory });
    ssm = new SSMClient(cloud.client);
    ec2 = new EC2Client(cloud.client);
  };
  const stop = async () => {
    ssm.destroy();
    ec2.destroy();
    await cloud.close();
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bake-ssm-'));
    clock = new VirtualClock();
    ran = [];
    cancelled = [];
    unreachable = new Set();
    outcome = async () => ({});
    await start(directory);
  });
  afterEach(async () => {
    await stop();
    for (const used of [directory, `${directory}-left`]) await rm(used, { recursive: true, force: true });
  });

  async function launch(options: { profile?: boolean; tags?: Record<string, string> } = {}) {
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: baseImageId(cloud.engine),
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        IamInstanceProfile: options.profile === false ? undefined : { Name: 'worker' },
        TagSpecifications: options.tags && [
          {
            ResourceType: 'instance',
            Tags: Object.entries(options.tags).map(([Key, Value]) => ({ Key, Value })),
          },
        ],
      }),
    );
    clock.advance(1_000);
    await cloud.engine.idle();
    clock.advance(1_000);
    return Instances?.[0]?.InstanceId as string;
  }
  const send = async (InstanceIds: string[], more: Partial<SendCommandCommandInput> = {}) =>
    (
      await ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds,
          Parameters: { commands: ['echo hello', 'true'] },
          ...more,
        }),
      )
    ).Command;
  const result = (CommandId?: string, InstanceId?: string) =>
    ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  const information = async (Filters?: { Key: string; Values: string[] }[]) =>
    (await ssm.send(new DescribeInstanceInformationCommand({ Filters }))).InstanceInformationList;

  it('a command runs on the instance and its outcome is kept', async () => {
    const id = await launch();
    outcome = async () => ({ stdout: 'hello\n' });
    const command = await send([id], { Comment: 'greet' });
    expect(command).toMatchObject({ Status: 'Pending', TargetCount: 1, Comment: 'greet' });
    await cloud.engine.idle();
    expect(ran).toEqual([
      { instanceId: id, id: command?.CommandId, script: 'echo hello\ntrue', timeoutMs: 3_600_000 },
    ]);
    expect(await result(command?.CommandId, id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'hello\n',
      StandardErrorContent: '',
      ExecutionElapsedTime: 'PT0S',
      PluginName: 'aws:runShellScript',
    });
    const { Commands } = await ssm.send(new ListCommandsCommand({ CommandId: command?.CommandId }));
    expect(Commands).toMatchObject([{ Status: 'Success', CompletedCount: 1, ErrorCount: 0 }]);
    expect(Commands?.[0]?.RequestedDateTime).toEqual(new Date(clock.now()));
  });

  it('a script that fails gives its exit code, and the agent a line on stderr', async () => {
    const id = await launch();
    outcome = async () => ({ exitCode: 3, stderr: 'no such file\n' });
    const command = await send([id]);
    await cloud.engine.idle();
    expect(await result(command?.CommandId, id)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 3,
      StandardErrorContent: 'no such file\nfailed to run commands: exit status 3',
    });
    const { CommandInvocations } = await ssm.send(
      new ListCommandInvocationsCommand({ CommandId: command?.CommandId, Details: true }),
    );
    expect(CommandInvocations?.[0]).toMatchObject({
      Status: 'Failed',
      CommandPlugins: [{ ResponseCode: 3, Output: expect.stringContaining('no such file') }],
    });
  });

  it('long output is cut at 24,000 and 8,000 characters', async () => {
    const id = await launch();
    outcome = async () => ({ stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9_000) });
    const command = await send([id]);
    await cloud.engine.idle();
    const { StandardOutputContent = '', StandardErrorContent = '' } = await result(command?.CommandId, id);
    expect([StandardOutputContent.length, StandardErrorContent.length]).toEqual([24_000, 8_000]);
    expect(StandardOutputContent.endsWith('o--output truncated--')).toBe(true);
  });

  it('working directory and time-out are those of the document', async () => {
    const id = await launch();
    outcome = async () => ({ timedOut: true, exitCode: 137 });
    const command = await send([id], {
      Parameters: { commands: ['#!/bin/bash', 'pwd'], workingDirectory: ["/o'x"], executionTimeout: ['5'] },
    });
    await cloud.engine.idle();
    expect(ran[0]).toMatchObject({
      script: "#!/bin/bash\ncd -- '/o'\\''x' || exit 1\npwd",
      timeoutMs: 5_000,
    });
    expect(await result(command?.CommandId, id)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'ExecutionTimedOut',
    });
  });

  it('instances without a profile, unreachable, unknown or gone are refused', async () => {
    const bare = await launch({ profile: false });
    const deaf = await launch();
    unreachable.add(deaf);
    const gone = await launch();
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [gone] }));
    for (const id of [bare, deaf, gone, 'i-00000000000000000'])
      await expect(send([id])).rejects.toMatchObject({ name: 'InvalidInstanceId' });
    expect(await information()).toEqual([]);
  });

  it('an instance is managed once its agent has answered, and lost when it no longer does', async () => {
    const id = await launch({ tags: { role: 'web' } });
    expect(await information([{ Key: 'InstanceIds', Values: [id] }])).toMatchObject([
      { InstanceId: id, PingStatus: 'Online', PlatformType: 'Linux', ResourceType: 'EC2Instance' },
    ]);
    unreachable.add(id);
    expect(await information([{ Key: 'tag:role', Values: ['web'] }])).toMatchObject([
      { PingStatus: 'ConnectionLost' },
    ]);
    expect(await information([{ Key: 'PingStatus', Values: ['Online'] }])).toEqual([]);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    clock.advance(60_000);
    await cloud.engine.idle();
    clock.advance(60_000);
    expect(await information()).toEqual([]);
    await expect(information([{ Key: 'Colour', Values: ['red'] }])).rejects.toMatchObject({
      name: 'InvalidFilterKey',
    });
  });

  it('targets by tag reach every instance that is online and has the tag', async () => {
    const web = [await launch({ tags: { role: 'web' } }), await launch({ tags: { role: 'web' } })];
    await launch({ tags: { role: 'db' } });
    const Targets = [{ Key: 'tag:role', Values: ['web'] }];
    await send([], { InstanceIds: undefined, Targets });
    expect(ran.map((one) => one.instanceId).sort()).toEqual(web.sort());
    const none = await send([], { InstanceIds: undefined, Targets: [{ Key: 'tag:x', Values: ['y'] }] });
    expect(none).toMatchObject({ Status: 'Success', StatusDetails: 'NoInstancesInTag', TargetCount: 0 });
  });

  it.each([
    [{ DocumentName: 'AWS-Nothing' }, 'InvalidDocument'],
    [{ Parameters: {} }, 'InvalidParameters'],
    [{ Parameters: { commands: ['true'], colour: ['red'] } }, 'InvalidParameters'],
    [{ Parameters: { commands: ['true'], executionTimeout: ['0'] } }, 'InvalidParameters'],
    [{ Parameters: { commands: ['x'.repeat(65_536)] } }, 'MaxDocumentSizeExceeded'],
    [{ TimeoutSeconds: 29 }, 'ValidationException'],
    [{ InstanceIds: [] }, 'ValidationException'],
  ])('%# is refused with its error', async (more, name) => {
    const id = await launch();
    await expect(send([id], more)).rejects.toMatchObject({ name });
  });

  it('a command that runs can be cancelled', async () => {
    const id = await launch();
    let finish = () => {};
    outcome = () =>
      new Promise((resolve) => {
        finish = () => resolve({ exitCode: 143 });
      });
    const command = await send([id]);
    await ssm.send(new CancelCommandCommand({ CommandId: command?.CommandId }));
    expect(cancelled).toEqual([command?.CommandId]);
    expect((await result(command?.CommandId, id)).Status).toBe('Cancelling');
    finish();
    await cloud.engine.idle();
    expect((await result(command?.CommandId, id)).Status).toBe('Cancelled');
    await expect(
      ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' })),
    ).rejects.toMatchObject({ name: 'InvalidCommandId' });
  });

  it('an agent that vanishes makes the command failed', async () => {
    const id = await launch();
    outcome = async () => Promise.reject(new Error('the agent is gone'));
    const command = await send([id]);
    await cloud.engine.idle();
    expect(await result(command?.CommandId, id)).toMatchObject({
      Status: 'Failed',
      StatusDetails: 'Undeliverable',
      ResponseCode: -1,
      StandardErrorContent: 'the agent is gone',
    });
  });

  it('an invocation that is not there is said not to exist', async () => {
    await expect(result('00000000-0000-0000-0000-000000000000', 'i-00000000000000000')).rejects.toMatchObject(
      { name: 'InvocationDoesNotExist' },
    );
  });

  it('commands unfinished when the daemon ended are taken up again by the same id', async () => {
    const id = await launch();
    let finish = () => {};
    outcome = () =>
      new Promise((_, reject) => {
        finish = () => reject(new Error('the daemon ended'));
      });
    const command = await send([id]);
    // What lies on disk at this moment is what a killed daemon leaves.
    const left = `${directory}-left`;
    await cp(directory, left, { recursive: true });
    finish();
    await stop();
    outcome = async () => ({ stdout: 'done' });
    await start(left);
    resumeCommands(cloud.engine);
    await cloud.engine.idle();
    expect(ran.map((one) => one.id)).toEqual([command?.CommandId, command?.CommandId]);
    expect(await result(command?.CommandId, id)).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'done',
    });
  });
});
