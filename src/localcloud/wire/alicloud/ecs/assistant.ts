import {
  commands,
  type InvocationRecord,
  invocationKey,
  invocations,
} from '../../../engine/commands/records.ts';
import { cancelCommand } from '../../../engine/commands/run.ts';
import { takeOn } from '../../../engine/commands/send.ts';
import { once } from '../../../engine/ec2/client-tokens.ts';
import { instances } from '../../../engine/ec2/instances.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { utc } from './input.ts';
import { visibleInstances } from './instance-view.ts';

/** Bytes, encoded as it was sent. Source: ECS, RunCommand and SendFile. */
const MOST_SCRIPT = 24 * 1_024;
const MOST_FILE = 32 * 1_024;
/** Bytes of output that are kept; and seconds in which a command has to be delivered. */
const MOST_OUTPUT = 24 * 1_024;
const DELIVERY_SECONDS = 60;

/** The agent is in every public image; it needs no role. */
const answers = async (engine: Engine, instanceId: string): Promise<boolean> =>
  instances(engine).get(instanceId)?.state === 'running' && (await engine.runtime.reachable(instanceId));

const DescribeCloudAssistantStatus: Operation = async (input, { engine }) => {
  const ids = input.list('InstanceId');
  const found = visibleInstances(engine).filter(
    ({ instanceId }) => ids.length === 0 || ids.includes(instanceId),
  );
  const states = await Promise.all(
    found.map(async ({ instanceId }) => ({
      InstanceId: instanceId,
      CloudAssistantStatus: String(await answers(engine, instanceId)),
      CloudAssistantVersion: '2.2.3.890',
      LastHeartbeatTime: utc(engine.clock.now()),
      ActiveTaskCount: 0,
      InvocationCount: 0,
      OSType: 'Linux',
      SupportSessionManager: true,
    })),
  );
  return {
    TotalCount: states.length,
    PageNumber: 1,
    PageSize: 50,
    NextToken: '',
    InstanceCloudAssistantStatusSet: { InstanceCloudAssistantStatus: states },
  };
};

/** Those that a command is for: at most `most`, all there and running. */
function targets(engine: Engine, input: Input, most: number): string[] {
  const ids = input.list('InstanceId');
  if (ids.length === 0)
    throw new ServiceError('MissingInstanceId', 'InstanceId is mandatory for this action.');
  if (ids.length > most)
    throw new ServiceError('NumberExceed.InstanceIds', `At most ${most} instances can be given.`, 400);
  const present = visibleInstances(engine);
  for (const id of ids) {
    const found = present.find(({ instanceId }) => instanceId === id);
    if (!found) throw new ServiceError('InvalidInstance.NotFound', `The instance ${id} does not exist.`, 404);
    if (found.state !== 'running')
      throw new ServiceError('InvalidInstance.NotRunning', `The instance ${id} is not running.`, 403);
  }
  return ids;
}

function scriptOf(input: Input): string {
  if (input.text('Type') !== 'RunShellScript')
    throw new ServiceError('InvalidParameter.Type', 'The local cloud runs shell scripts only.');
  const content = input.require('CommandContent');
  if (Buffer.byteLength(content) > MOST_SCRIPT)
    throw new ServiceError('CmdContent.ExceedLimit', 'The length of the command content exceeds 24 KB.', 403);
  const encoded = (input.text('ContentEncoding') ?? 'Base64') === 'Base64';
  const script = encoded ? Buffer.from(content, 'base64').toString('utf8') : content;
  const directory = input.text('WorkingDir') ?? '/root';
  const lines = script.split('\n');
  lines.splice(lines[0]?.startsWith('#!') ? 1 : 0, 0, `cd -- ${quoted(directory)} || exit 1`);
  return lines.join('\n');
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function take(
  engine: Engine,
  input: Input,
  instanceIds: string[],
  script: string,
  name: string,
): { commandId: string } {
  const executionTimeoutSeconds = input.int('Timeout') ?? 60;
  return takeOn(
    engine,
    {
      documentName: 'RunShellScript',
      comment: name,
      parameters: {},
      instanceIds,
      targets: [],
      timeoutSeconds: DELIVERY_SECONDS,
    },
    { script, executionTimeoutSeconds },
  );
}

const invokeId = (commandId: string) => `t-${commandId}`;
const commandIdOf = (id: string) => id.replace(/^[tcf]-/, '');

const RunCommand: Operation = (input, { engine }) => {
  const ids = targets(engine, input, 100);
  const script = scriptOf(input);
  const { ClientToken: _, ...parameters } = input.values;
  const [commandId] = once(engine, 'ecs.RunCommand', input.text('ClientToken'), parameters, () => [
    take(engine, input, ids, script, input.text('Name') ?? '').commandId,
  ]);
  return { CommandId: `c-${commandId}`, InvokeId: invokeId(commandId!) };
};

/** Source: ECS, "Execution status of a command on an instance". */
const STATUS: Record<InvocationRecord['status'], string> = {
  Pending: 'Pending',
  Delayed: 'Pending',
  InProgress: 'Running',
  Success: 'Success',
  Failed: 'Failed',
  TimedOut: 'Timeout',
  Cancelling: 'Stopping',
  Cancelled: 'Terminated',
};

function statusOf({ status, statusDetails }: InvocationRecord): string {
  if (statusDetails === 'DeliveryTimedOut') return 'Aborted';
  if (statusDetails === 'Undeliverable') return 'Error';
  return STATUS[status];
}

const ERRORS: Record<string, string> = {
  DeliveryTimedOut: 'DeliveryTimeout',
  ExecutionTimedOut: 'ExecutionTimeout',
  Undeliverable: 'ClientNotResponse',
  Failed: 'ExitCodeNonzero',
};

/** What the other cloud's agent adds to a script that failed. */
const SSM_WORDS = /\n?failed to run commands: .*$/;

function resultView(invocation: InvocationRecord, plain: boolean): object {
  const bytes = Buffer.from(invocation.stdout + invocation.stderr.replace(SSM_WORDS, ''));
  const output = bytes.subarray(0, MOST_OUTPUT);
  const time = (at: number | undefined) => (at === undefined ? '' : utc(at));
  return {
    InstanceId: invocation.instanceId,
    CommandId: `c-${invocation.commandId}`,
    InvokeId: invokeId(invocation.commandId),
    InvocationStatus: statusOf(invocation),
    InvokeRecordStatus: invocation.endedAt === undefined ? 'Running' : 'Finished',
    ExitCode: invocation.exitCode < 0 ? undefined : invocation.exitCode,
    Output: output.toString(plain ? 'utf8' : 'base64'),
    Dropped: bytes.length - output.length,
    ErrorCode: ERRORS[invocation.statusDetails] ?? '',
    ErrorInfo: invocation.statusDetails,
    StartTime: time(invocation.startedAt),
    FinishedTime: time(invocation.endedAt),
    Repeats: 1,
    Username: 'root',
  };
}

const DescribeInvocationResults: Operation = (input, { engine }) => {
  const command = input.text('InvokeId');
  const instance = input.text('InstanceId');
  const found = invocations(engine).filter(
    ({ commandId, instanceId }) =>
      (command === undefined || commandId === commandIdOf(command)) &&
      (instance === undefined || instanceId === instance),
  );
  const plain = input.text('ContentEncoding') === 'PlainText';
  return {
    Invocation: {
      TotalCount: found.length,
      PageNumber: 1,
      PageSize: 50,
      NextToken: '',
      InvocationResults: { InvocationResult: found.slice(0, 50).map((one) => resultView(one, plain)) },
    },
  };
};

const StopInvocation: Operation = (input, { engine }) => {
  const commandId = commandIdOf(input.require('InvokeId'));
  if (!commands(engine).has(commandId))
    throw new ServiceError('InvalidInvokeId.NotFound', 'The specified InvokeId does not exist.', 404);
  cancelCommand(engine, commandId, input.list('InstanceId'));
  return {};
};

/** A file is carried by a script of the service's own. */
const SendFile: Operation = (input, { engine }) => {
  const ids = targets(engine, input, 50);
  const content = input.require('Content');
  if (Buffer.byteLength(content) > MOST_FILE)
    throw new ServiceError('FileContent.ExceedLimit', 'The length of the file content exceeds 32 KB.', 403);
  const base64 = input.text('ContentType') === 'Base64' ? content : Buffer.from(content).toString('base64');
  const directory = input.require('TargetDir');
  const path = quoted(`${directory}/${input.require('Name')}`);
  const owner = `${input.text('FileOwner') ?? 'root'}:${input.text('FileGroup') ?? 'root'}`;
  const script = [
    '#!/bin/sh',
    'set -e',
    ...(input.bool('Overwrite') ? [] : [`test ! -e ${path} || { echo FileAlreadyExists >&2; exit 1; }`]),
    `mkdir -p ${quoted(directory)}`,
    `printf %s ${quoted(base64)} | base64 -d >${path}`,
    `chmod ${quoted(input.text('FileMode') ?? '0644')} ${path}`,
    `chown ${quoted(owner)} ${path}`,
  ].join('\n');
  const { commandId } = take(engine, input, ids, script, 'SendFile');
  return { InvokeId: `f-${commandId}` };
};

const DescribeSendFileResults: Operation = (input, { engine }) => {
  const id = input.require('InvokeId');
  const command = commands(engine).get(commandIdOf(id));
  const results = (command?.instanceIds ?? []).flatMap(
    (instanceId) => invocations(engine).get(invocationKey(commandIdOf(id), instanceId)) ?? [],
  );
  return {
    TotalCount: command ? 1 : 0,
    PageNumber: 1,
    PageSize: 10,
    Invocations: {
      Invocation: [
        {
          InvokeId: id,
          InvokeInstances: {
            InvokeInstance: results.map((one) => ({
              InstanceId: one.instanceId,
              InvocationStatus: statusOf(one),
              ErrorCode: one.stdout.includes('FileAlreadyExists') ? 'FileAlreadyExists' : '',
              ErrorInfo: one.stderr,
            })),
          },
        },
      ],
    },
  };
};

export const assistantOperations: Record<string, Operation> = {
  DescribeCloudAssistantStatus,
  RunCommand,
  DescribeInvocationResults,
  StopInvocation,
  SendFile,
  DescribeSendFileResults,
};
