import { outputKey } from '../../engine/commands/deliver-output.ts';
import { cut } from '../../engine/commands/output.ts';
import {
  type CommandRecord,
  commands,
  hasEnded,
  type InvocationRecord,
  invocationKey,
  invocations,
} from '../../engine/commands/records.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { commandFilter, logsShape } from './commands.ts';
import { pageOf, seconds } from './shapes.ts';

/** What the list holds of the output of each. */
const MOST_IN_LIST = 2_500;

const PLUGIN = 'aws:runShellScript';

const GetCommandInvocation: Operation = (input, { engine }) => {
  const commandId = input.require('CommandId');
  const instanceId = input.require('InstanceId');
  const plugin = input.text('PluginName') ?? PLUGIN;
  const invocation = invocations(engine).get(invocationKey(commandId, instanceId));
  const command = commands(engine).get(commandId);
  if (!invocation || !command)
    throw new ServiceError(
      'InvocationDoesNotExist',
      'The command ID and managed node ID you specified did not match any invocations.',
    );
  if (plugin !== PLUGIN) throw new ServiceError('InvalidPluginName', `The plugin ${plugin} isn't valid.`);
  const { startedAt, endedAt } = invocation;
  return {
    CommandId: commandId,
    InstanceId: instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    PluginName: PLUGIN,
    ResponseCode: invocation.exitCode,
    ExecutionStartDateTime: startedAt === undefined ? '' : new Date(startedAt).toISOString(),
    ExecutionElapsedTime:
      startedAt === undefined || endedAt === undefined ? '' : `PT${seconds(endedAt - startedAt)}S`,
    ExecutionEndDateTime: endedAt === undefined ? '' : new Date(endedAt).toISOString(),
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputContent: invocation.stdout,
    StandardOutputUrl: outputUrl(engine, command, invocation, 'stdout'),
    StandardErrorContent: invocation.stderr,
    StandardErrorUrl: outputUrl(engine, command, invocation, 'stderr'),
    CloudWatchOutputConfig: logsShape(command),
  };
};

const outputUrl = (
  engine: Engine,
  command: CommandRecord,
  invocation: InvocationRecord,
  kind: 'stdout' | 'stderr',
): string =>
  command.output ? `${engine.endpoint}/${command.output.bucket}/${outputKey(command, invocation, kind)}` : '';

/** Newest first; with Details also what came of each. */
const ListCommandInvocations: Operation = (input, { engine }) => {
  const matches = commandFilter<InvocationRecord>(input, (invocation) => invocation.status);
  const details = input.bool('Details') ?? false;
  const found = invocations(engine).filter(matches).reverse();
  const { items, next } = pageOf(found, input, 50);
  return {
    CommandInvocations: items.map((invocation) => ({
      CommandId: invocation.commandId,
      InstanceId: invocation.instanceId,
      InstanceName: '',
      Comment: commands(engine).get(invocation.commandId)?.comment ?? '',
      DocumentName: commands(engine).get(invocation.commandId)?.documentName,
      DocumentVersion: '$DEFAULT',
      RequestedDateTime: seconds(invocation.requestedAt),
      Status: invocation.status,
      StatusDetails: invocation.statusDetails,
      StandardOutputUrl: '',
      StandardErrorUrl: '',
      CommandPlugins: details ? [pluginShape(invocation)] : [],
    })),
    NextToken: next,
  };
};

function pluginShape(invocation: InvocationRecord) {
  const { stdout, stderr, startedAt, endedAt } = invocation;
  const output = stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`;
  return {
    Name: PLUGIN,
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    ResponseCode: hasEnded(invocation) ? invocation.exitCode : -1,
    ResponseStartDateTime: startedAt === undefined ? undefined : seconds(startedAt),
    ResponseFinishDateTime: endedAt === undefined ? undefined : seconds(endedAt),
    Output: cut(output, MOST_IN_LIST),
    StandardOutputUrl: '',
    StandardErrorUrl: '',
  };
}

export const invocationOperations: Record<string, Operation> = {
  GetCommandInvocation,
  ListCommandInvocations,
};
