import { randomUUID } from 'node:crypto';
import type { CommandResult, CommandState, Commands } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** ECS: instances of one RunCommand, and of one listing. */
const INSTANCES_PER_CALL = 50;
/** How long the agent of an instance that has just come up may be refused. Milliseconds. */
const REGISTRATION_WINDOW = 60_000;
const NOT_YET = ['InvalidInstance.NotRunning', 'InstanceNotRunning', 'InvalidInstance.NotFound'];

interface WireResult {
  InstanceId: string;
  InvocationStatus?: string;
  ExitCode?: number;
  ErrorCode?: string;
  Output?: string;
  ErrorInfo?: string;
}
type Results = {
  Invocation?: { NextToken?: string; InvocationResults?: { InvocationResult?: WireResult[] } };
};

/** Cloud Assistant: its agent is in every public image, and needs no role and no open port. */
export function commands(ali: Connection): Commands {
  async function reachableAmong(instanceIds: string[]): Promise<string[]> {
    const found: string[] = [];
    for (const InstanceId of batches(instanceIds)) {
      const { InstanceCloudAssistantStatusSet: set } = await ali.call<{
        InstanceCloudAssistantStatusSet?: {
          InstanceCloudAssistantStatus?: { InstanceId: string; CloudAssistantStatus?: string }[];
        };
      }>('ecs', 'DescribeCloudAssistantStatus', { InstanceId, MaxResults: INSTANCES_PER_CALL });
      for (const one of set?.InstanceCloudAssistantStatus ?? [])
        if (one.CloudAssistantStatus === 'true' && instanceIds.includes(one.InstanceId))
          found.push(one.InstanceId);
    }
    return found;
  }

  async function send(
    InstanceId: string[],
    script: string,
    { timeout, comment }: { timeout: number; comment?: string },
  ): Promise<string> {
    const answer = await ali.call<{ InvokeId: string }>('ecs', 'RunCommand', {
      Type: 'RunShellScript',
      CommandContent: Buffer.from(script).toString('base64'),
      ContentEncoding: 'Base64',
      Timeout: Math.max(10, Math.ceil(timeout / 1_000)),
      Name: comment?.replaceAll(/[^\w -]/g, ' ').slice(0, 100),
      KeepCommand: false,
      RepeatMode: 'Once',
      TerminationMode: 'ProcessTree',
      InstanceId,
      ClientToken: randomUUID(),
    });
    return answer.InvokeId;
  }

  async function resultsOf(InvokeId: string, InstanceId?: string): Promise<Map<string, CommandResult>> {
    const found = new Map<string, CommandResult>();
    for (let NextToken: string | undefined; ; ) {
      const { Invocation } = await ali.call<Results>('ecs', 'DescribeInvocationResults', {
        InvokeId,
        InstanceId,
        ContentEncoding: 'PlainText',
        MaxResults: INSTANCES_PER_CALL,
        NextToken,
      });
      for (const one of Invocation?.InvocationResults?.InvocationResult ?? [])
        found.set(one.InstanceId, toResult(one));
      NextToken = Invocation?.NextToken || undefined;
      if (NextToken === undefined) return found;
    }
  }

  return {
    reachableAmong,
    reachable: async (instanceId) => (await reachableAmong([instanceId])).length > 0,

    send: (instanceId, script, options) =>
      ali.again(
        () => send([instanceId], script, options),
        (error) => failedWith(error, ...NOT_YET),
        REGISTRATION_WINDOW,
      ),

    async sendToAll(instanceIds, script, options) {
      const sent: string[] = [];
      for (const batch of batches(instanceIds)) sent.push(await send(batch, script, options));
      return sent;
    },

    resultsOf: (commandId) => resultsOf(commandId),
    result: async (instanceId, commandId) =>
      (await resultsOf(commandId, instanceId)).get(instanceId) ?? {
        state: 'pending',
        stdout: '',
        stderr: '',
      },
    async cancelAll(InvokeId) {
      try {
        await ali.call('ecs', 'StopInvocation', { InvokeId });
      } catch (error) {
        if (!failedWith(error, 'InvalidInvokeId.NotFound')) throw error;
      }
    },
  };
}

function* batches(ids: string[]): Generator<string[]> {
  for (let at = 0; at < ids.length; at += INSTANCES_PER_CALL) yield ids.slice(at, at + INSTANCES_PER_CALL);
}

/** Both streams come as one. */
const toResult = ({
  InvocationStatus,
  ExitCode,
  ErrorCode,
  Output = '',
  ErrorInfo = '',
}: WireResult): CommandResult => ({
  state: commandState(InvocationStatus),
  exitCode: ExitCode,
  stdout: Output,
  // Of a script that ended by itself it says no more than the exit code.
  stderr: InvocationStatus === 'Success' || ErrorCode === 'ExitCodeNonzero' ? '' : ErrorInfo,
});

/** Source: ECS, DescribeInvocationResults, InvocationStatus. */
export function commandState(status: string | undefined): CommandState {
  switch (status) {
    case 'Success':
      return 'success';
    case 'Failed':
    case 'Error':
    case 'Invalid':
    case 'Aborted':
      return 'failed';
    case 'Timeout':
      return 'timed-out';
    case 'Cancelled':
    case 'Terminated':
      return 'cancelled';
    case 'Running':
    case 'Stopping':
      return 'running';
    default:
      return 'pending';
  }
}
