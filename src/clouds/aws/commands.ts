import {
  CancelCommandCommand,
  GetCommandInvocationCommand,
  paginateDescribeInstanceInformation,
  paginateListCommandInvocations,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { CommandResult, CommandState, Commands } from '../cloud.ts';
import { inBatches } from './batches.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** Seconds that an agent has to pick a command up (AWS: SendCommand TimeoutSeconds, at least 30). */
const DELIVERY_TIMEOUT = 120;
/** AWS: SendCommand Comment. */
const LONGEST_COMMENT = 100;
/** AWS: SendCommand InstanceIds, and page sizes of what describes them. */
const INSTANCES_PER_CALL = 50;
/** How long SSM may refuse an instance whose agent has just registered. */
const REGISTRATION_WINDOW = 20_000;

/** SSM Run Command. */
export function commands(aws: Connection): Commands {
  const ssm = aws.client(SSMClient);

  async function send(
    InstanceIds: string[],
    script: string,
    { timeout, comment }: { timeout: number; comment?: string },
  ): Promise<string> {
    const command = new SendCommandCommand({
      InstanceIds,
      DocumentName: 'AWS-RunShellScript',
      Comment: comment?.slice(0, LONGEST_COMMENT),
      TimeoutSeconds: DELIVERY_TIMEOUT,
      Parameters: {
        commands: script.split('\n'),
        executionTimeout: [String(Math.max(1, Math.ceil(timeout / 1_000)))],
      },
    });
    return (await ssm.send(command)).Command!.CommandId!;
  }

  async function reachableAmong(instanceIds: string[]): Promise<string[]> {
    const found: string[] = [];
    for (const Values of inBatches(instanceIds, INSTANCES_PER_CALL)) {
      const Filters = [{ Key: 'InstanceIds', Values }];
      const pages = paginateDescribeInstanceInformation(
        { client: ssm, pageSize: INSTANCES_PER_CALL },
        { Filters },
      );
      for await (const { InstanceInformationList = [] } of pages)
        for (const { InstanceId = '', PingStatus } of InstanceInformationList)
          if (PingStatus === 'Online' && Values.includes(InstanceId)) found.push(InstanceId);
    }
    return found;
  }

  return {
    reachableAmong,
    reachable: async (instanceId) => (await reachableAmong([instanceId])).length > 0,
    send: (instanceId, script, options) =>
      aws.again(
        () => send([instanceId], script, options),
        (error) => failedWith(error, 'InvalidInstanceId'),
        REGISTRATION_WINDOW,
      ),

    async sendToAll(instanceIds, script, options) {
      const sent: string[] = [];
      for (const batch of inBatches(instanceIds, INSTANCES_PER_CALL))
        sent.push(await send(batch, script, options));
      return sent;
    },

    async resultsOf(CommandId) {
      const found = new Map<string, CommandResult>();
      const pages = paginateListCommandInvocations(
        { client: ssm, pageSize: INSTANCES_PER_CALL },
        { CommandId, Details: true },
      );
      for await (const { CommandInvocations = [] } of pages)
        for (const { InstanceId = '', Status, CommandPlugins: [plugin] = [] } of CommandInvocations)
          found.set(InstanceId, {
            state: commandState(Status),
            exitCode: exitCodeOf(plugin?.ResponseCode),
            ...streamsIn(plugin?.Output),
          });
      return found;
    },

    async result(instanceId, commandId) {
      try {
        const command = new GetCommandInvocationCommand({ InstanceId: instanceId, CommandId: commandId });
        const answer = await ssm.send(command);
        return {
          state: commandState(answer.Status),
          exitCode: exitCodeOf(answer.ResponseCode),
          stdout: answer.StandardOutputContent ?? '',
          stderr: answer.StandardErrorContent ?? '',
        };
      } catch (error) {
        // Normal for a moment after SendCommand.
        if (failedWith(error, 'InvocationDoesNotExist')) return NOT_YET;
        throw error;
      }
    },

    async cancelAll(CommandId) {
      try {
        await ssm.send(new CancelCommandCommand({ CommandId }));
      } catch (error) {
        if (!failedWith(error, 'InvalidCommandId')) throw error;
      }
    },
  };
}

const NOT_YET: CommandResult = { state: 'pending', stdout: '', stderr: '' };

/** What AWS puts between the streams where it gives both as one. */
const BETWEEN_STREAMS = '\n----------ERROR-------\n';

function streamsIn(output = ''): Pick<CommandResult, 'stdout' | 'stderr'> {
  const [stdout = '', stderr = ''] = output.split(BETWEEN_STREAMS);
  return { stdout, stderr };
}

/** -1 while it has not ended. */
const exitCodeOf = (code: number | undefined) => (code === undefined || code < 0 ? undefined : code);

/** AWS: CommandInvocationStatus. `Delayed`: the agent has not taken it yet; `Cancelling`: it still runs. */
export function commandState(status: string | undefined): CommandState {
  switch (status) {
    case 'Success':
      return 'success';
    case 'Failed':
      return 'failed';
    case 'TimedOut':
      return 'timed-out';
    case 'Cancelled':
      return 'cancelled';
    case 'InProgress':
    case 'Cancelling':
      return 'running';
    default:
      return 'pending';
  }
}
