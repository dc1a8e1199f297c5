import type { Engine } from '../engine.ts';

/** One SendCommand. Times in milliseconds, time-outs in seconds as asked for. */
export interface CommandRecord {
  commandId: string;
  documentName: string;
  comment: string;
  parameters: Record<string, string[]>;
  targets: { Key: string; Values: string[] }[];
  instanceIds: string[];
  requestedAt: number;
  /** How long it may take to reach an instance. */
  timeoutSeconds: number;
  /** Where the output goes besides. */
  output?: { bucket: string; prefix: string };
  logGroup?: string;
}

export type InvocationStatus =
  | 'Pending'
  /** Its instance's agent does not answer; tried again until it expires. */
  | 'Delayed'
  | 'InProgress'
  | 'Success'
  | 'Failed'
  | 'TimedOut'
  | 'Cancelling'
  | 'Cancelled';

/** A command on one instance. */
export interface InvocationRecord {
  commandId: string;
  instanceId: string;
  status: InvocationStatus;
  /** More exact: DeliveryTimedOut, ExecutionTimedOut, Undeliverable … */
  statusDetails: string;
  /** -1 until it has ended. */
  exitCode: number;
  stdout: string;
  stderr: string;
  script: string;
  executionTimeoutSeconds: number;
  requestedAt: number;
  /** When it reaches the instance, unless it expires before. */
  deliverAt: number;
  expiresAt: number;
  startedAt?: number;
  endedAt?: number;
}

export const commands = (engine: Engine) => engine.store.table<CommandRecord>('commands');

/** Keys: see invocationKey. */
export const invocations = (engine: Engine) => engine.store.table<InvocationRecord>('commandInvocations');

export const invocationKey = (commandId: string, instanceId: string) => `${commandId}/${instanceId}`;

export const invocationsOf = (engine: Engine, command: CommandRecord): InvocationRecord[] =>
  command.instanceIds.flatMap(
    (instanceId) => invocations(engine).get(invocationKey(command.commandId, instanceId)) ?? [],
  );

/** Has not reached its instance yet. */
export const isWaiting = ({ status }: Pick<InvocationRecord, 'status'>) =>
  status === 'Pending' || status === 'Delayed';

export const hasEnded = ({ status }: InvocationRecord) =>
  !isWaiting({ status }) && status !== 'InProgress' && status !== 'Cancelling';
