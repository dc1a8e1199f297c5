import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { CommandResult, CommandState, Commands } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** Seconds that an agent has to pick a command up (AWS: SendCommand TimeoutSeconds, at least 30). */
const DELIVERY_TIMEOUT = 120;
/** AWS: SendCommand Comment. */
const LONGEST_COMMENT = 100;
/** How long SSM may refuse an instance whose agent has just registered. */
const REGISTRATION_WINDOW = 20_000;

/** SSM Run Command. */
export function commands(aws: Connection): Commands {
  const ssm = aws.client(SSMClient);
  return {
    async reachable(instanceId) {
      const Filters = [{ Key: 'InstanceIds', Values: [instanceId] }];
      const answer = await ssm.send(new DescribeInstanceInformationCommand({ Filters }));
      return (answer.InstanceInformationList ?? []).some(
        (agent) => agent.InstanceId === instanceId && agent.PingStatus === 'Online',
      );
    },

    async send(instanceId, script, { timeout, comment }) {
      const command = new SendCommandCommand({
        InstanceIds: [instanceId],
        DocumentName: 'AWS-RunShellScript',
        Comment: comment?.slice(0, LONGEST_COMMENT),
        TimeoutSeconds: DELIVERY_TIMEOUT,
        Parameters: {
          commands: script.split('\n'),
          executionTimeout: [String(Math.max(1, Math.ceil(timeout / 1_000)))],
        },
      });
      const { Command } = await aws.again(
        () => ssm.send(command),
        (error) => failedWith(error, 'InvalidInstanceId'),
        REGISTRATION_WINDOW,
      );
      return Command!.CommandId!;
    },

    async result(instanceId, commandId) {
      try {
        const command = new GetCommandInvocationCommand({ InstanceId: instanceId, CommandId: commandId });
        const answer = await ssm.send(command);
        const { ResponseCode } = answer;
        return {
          state: commandState(answer.Status),
          // -1 while it has not ended.
          exitCode: ResponseCode === undefined || ResponseCode < 0 ? undefined : ResponseCode,
          stdout: answer.StandardOutputContent ?? '',
          stderr: answer.StandardErrorContent ?? '',
        };
      } catch (error) {
        // Normal for a moment after SendCommand.
        if (failedWith(error, 'InvocationDoesNotExist')) return NOT_YET;
        throw error;
      }
    },

    async cancel(instanceId, commandId) {
      try {
        await ssm.send(new CancelCommandCommand({ CommandId: commandId, InstanceIds: [instanceId] }));
      } catch (error) {
        if (!failedWith(error, 'InvalidCommandId')) throw error;
      }
    },
  };
}

const NOT_YET: CommandResult = { state: 'pending', stdout: '', stderr: '' };

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
