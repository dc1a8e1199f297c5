import {
  type CommandRecord,
  commands,
  hasEnded,
  type InvocationStatus,
  invocationsOf,
} from '../../engine/commands/records.ts';
import { cancelCommand } from '../../engine/commands/run.ts';
import { sendCommand } from '../../engine/commands/send.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtersOf, pageOf, seconds } from './shapes.ts';

const SendCommand: Operation = async (input, { engine }) => {
  const timeoutSeconds = input.int('TimeoutSeconds') ?? 3_600;
  if (timeoutSeconds < 30 || timeoutSeconds > 2_592_000)
    throw new ServiceError('ValidationException', 'TimeoutSeconds must be between 30 and 2592000.');
  const parameters = input.object('Parameters');
  const command = await sendCommand(engine, {
    documentName: input.require('DocumentName'),
    comment: input.text('Comment') ?? '',
    parameters: Object.fromEntries(
      Object.keys(parameters?.values ?? {}).map((name) => [name, parameters!.list(name)]),
    ),
    instanceIds: input.list('InstanceIds'),
    targets: input.objects('Targets').map((target) => ({
      Key: target.require('Key'),
      Values: target.list('Values'),
    })),
    timeoutSeconds,
    ...destinations(input),
  });
  return { Command: commandShape(engine, command) };
};

/** A bucket, and a log group: the document's own unless one is named. */
function destinations(input: Input): Pick<CommandRecord, 'output' | 'logGroup'> {
  const bucket = input.text('OutputS3BucketName');
  const logs = input.object('CloudWatchOutputConfig');
  const document = input.require('DocumentName').split('/').at(-1);
  return {
    output: bucket === undefined ? undefined : { bucket, prefix: input.text('OutputS3KeyPrefix') ?? '' },
    logGroup: logs?.bool('CloudWatchOutputEnabled')
      ? (logs.text('CloudWatchLogGroupName') ?? `/aws/ssm/${document}`)
      : undefined,
  };
}

export const logsShape = ({ logGroup }: CommandRecord) => ({
  CloudWatchLogGroupName: logGroup ?? '',
  CloudWatchOutputEnabled: logGroup !== undefined,
});

/** Worst first: one instance that failed makes the command failed. */
const WORST: InvocationStatus[] = ['Failed', 'TimedOut', 'Cancelled', 'Success'];

function statusOf(engine: Engine, command: CommandRecord): { status: string; details: string } {
  const all = invocationsOf(engine, command);
  if (all.length === 0) return { status: 'Success', details: 'NoInstancesInTag' };
  if (all.some(({ status }) => status === 'Cancelling'))
    return { status: 'Cancelling', details: 'Cancelling' };
  if (all.every(({ status }) => status === 'Pending')) return { status: 'Pending', details: 'Pending' };
  if (!all.every(hasEnded)) return { status: 'InProgress', details: 'InProgress' };
  const status = WORST.find((one) => all.some((invocation) => invocation.status === one)) as string;
  return { status, details: all.find((invocation) => invocation.status === status)!.statusDetails };
}

function commandShape(engine: Engine, command: CommandRecord) {
  const all = invocationsOf(engine, command);
  const { status, details } = statusOf(engine, command);
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: seconds(command.requestedAt + (command.timeoutSeconds + 3_600) * 1_000),
    Parameters: command.parameters,
    InstanceIds: command.targets.length > 0 ? [] : command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: seconds(command.requestedAt),
    Status: status,
    StatusDetails: details,
    OutputS3BucketName: command.output?.bucket ?? '',
    OutputS3KeyPrefix: command.output?.prefix ?? '',
    CloudWatchOutputConfig: logsShape(command),
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: all.length,
    CompletedCount: all.filter(hasEnded).length,
    ErrorCount: all.filter((one) => one.status === 'Failed' || one.status === 'TimedOut').length,
    DeliveryTimedOutCount: all.filter((one) => one.statusDetails === 'DeliveryTimedOut').length,
    ServiceRole: '',
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** Newest first. */
const ListCommands: Operation = (input, { engine }) => {
  const matches = commandFilter<CommandRecord>(input, (command) => statusOf(engine, command).status);
  const found = commands(engine).filter(matches).reverse();
  const { items, next } = pageOf(found, input, 50);
  return { Commands: items.map((command) => commandShape(engine, command)), NextToken: next };
};

/** CommandId, InstanceId, and Filters: Status, DocumentName, InvokedAfter, InvokedBefore. */
export function commandFilter<T extends Pick<CommandRecord, 'commandId' | 'requestedAt'>>(
  input: Input,
  statusOfOne: (one: T) => string,
): (
  one: T & Partial<Pick<CommandRecord, 'instanceIds' | 'documentName'>> & { instanceId?: string },
) => boolean {
  const commandId = input.text('CommandId');
  const instanceId = input.text('InstanceId');
  const filters = filtersOf(input, 'Filters', { key: 'key', values: 'value' });
  const known = ['Status', 'DocumentName', 'InvokedAfter', 'InvokedBefore'];
  const unknown = filters.find(({ key }) => !known.includes(key));
  if (unknown) throw new ServiceError('InvalidFilterKey', `The filter key ${unknown.key} isn't valid.`);
  return (one) =>
    (commandId === undefined || one.commandId === commandId) &&
    (instanceId === undefined ||
      one.instanceId === instanceId ||
      one.instanceIds?.includes(instanceId) === true) &&
    filters.every(({ key, values: [value = ''] }) => {
      if (key === 'Status') return statusOfOne(one) === value;
      if (key === 'DocumentName') return (one.documentName ?? 'AWS-RunShellScript') === value;
      return key === 'InvokedAfter'
        ? one.requestedAt > Date.parse(value)
        : one.requestedAt < Date.parse(value);
    });
}

const CancelCommand: Operation = (input, { engine }) => {
  cancelCommand(engine, input.require('CommandId'), input.list('InstanceIds'));
};

export const commandOperations: Record<string, Operation> = { SendCommand, ListCommands, CancelCommand };
