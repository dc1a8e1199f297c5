import type { CommandOutcome } from '../../sandbox/runtime.ts';
import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { deliverOutput } from './deliver-output.ts';
import { kept } from './output.ts';
import {
  commands,
  hasEnded,
  type InvocationRecord,
  invocationKey,
  invocations,
  invocationsOf,
  isWaiting,
} from './records.ts';

/** Delivers commands when their time has come. */
export function installCommands(engine: Engine): void {
  engine.addReconciler({ name: 'commands', reconcile: (now) => deliver(engine, now) });
}

function deliver(engine: Engine, now: number): number | undefined {
  let wake: number | undefined;
  for (const [, invocation] of invocations(engine).entries()) {
    if (!isWaiting(invocation)) continue;
    const { deliverAt, expiresAt } = invocation;
    const due = Math.min(deliverAt, expiresAt);
    if (now < due) wake = Math.min(wake ?? due, due);
    else if (deliverAt <= expiresAt) start(engine, invocation);
    else end(engine, invocation, { status: 'TimedOut', statusDetails: 'DeliveryTimedOut' });
  }
  return wake;
}

function start(engine: Engine, invocation: InvocationRecord): void {
  run(
    engine,
    change(engine, invocation, {
      status: 'InProgress',
      statusDetails: 'InProgress',
      startedAt: engine.clock.now(),
    }),
  );
}

/** How often an instance is tried whose agent does not answer, milliseconds. */
const DELIVERY_RETRY = 1_000;

function run(engine: Engine, invocation: InvocationRecord): void {
  const { commandId, instanceId, script, executionTimeoutSeconds } = invocation;
  engine.background(`command ${commandId} on ${instanceId}`, async () => {
    if (comesBack(engine, instanceId) && !(await engine.runtime.reachable(instanceId))) {
      delay(engine, invocation);
      return;
    }
    const result = await engine.runtime
      .run(instanceId, { id: commandId, script, timeoutMs: executionTimeoutSeconds * 1_000 })
      .then(
        (outcome) => resultOf(outcome, executionTimeoutSeconds),
        (error: Error) =>
          ({ status: 'Failed', statusDetails: 'Undeliverable', stderr: error.message }) as const,
      );
    const command = commands(engine).get(commandId);
    if (command) await deliverOutput(engine, command, invocation, result);
    const present = invocations(engine).get(invocationKey(commandId, instanceId));
    if (!present || hasEnded(present)) return;
    const cancelled = { ...result, status: 'Cancelled', statusDetails: 'Cancelled' } as const;
    end(engine, present, present.status === 'Cancelling' ? cancelled : result);
  });
}

const comesBack = (engine: Engine, instanceId: string): boolean => {
  const state = instances(engine).get(instanceId)?.state;
  return state !== undefined && state !== 'shutting-down' && state !== 'terminated';
};

function delay(engine: Engine, { commandId, instanceId }: InvocationRecord): void {
  const present = invocations(engine).get(invocationKey(commandId, instanceId));
  if (present?.status === 'Cancelling')
    end(engine, present, { status: 'Cancelled', statusDetails: 'Cancelled' });
  else if (present?.status === 'InProgress')
    change(engine, present, {
      status: 'Delayed',
      statusDetails: 'Delayed',
      startedAt: undefined,
      deliverAt: engine.clock.now() + DELIVERY_RETRY,
    });
}

/** As the agent reports it: it adds a line to stderr when the script fails. */
function resultOf(outcome: CommandOutcome, timeoutSeconds: number): Partial<InvocationRecord> {
  const { exitCode, stdout, stderr, timedOut } = outcome;
  if (!timedOut && exitCode === 0)
    return { status: 'Success', statusDetails: 'Success', exitCode, ...kept(stdout, stderr) };
  const reason = timedOut
    ? `failed to run commands: execution timed out after ${timeoutSeconds} seconds`
    : `failed to run commands: exit status ${exitCode}`;
  const lineEnd = stderr === '' || stderr.endsWith('\n') ? '' : '\n';
  return {
    ...(timedOut
      ? { status: 'TimedOut', statusDetails: 'ExecutionTimedOut' }
      : { status: 'Failed', statusDetails: 'Failed' }),
    exitCode,
    ...kept(stdout, `${stderr}${lineEnd}${reason}`),
  };
}

const end = (engine: Engine, invocation: InvocationRecord, result: Partial<InvocationRecord>) =>
  change(engine, invocation, { ...result, endedAt: engine.clock.now() });

const change = (
  engine: Engine,
  { commandId, instanceId }: InvocationRecord,
  fields: Partial<InvocationRecord>,
) => invocations(engine).patch(invocationKey(commandId, instanceId), fields);

/** Stops a command on these instances, or wherever it has not ended. @throws InvalidCommandId */
export function cancelCommand(engine: Engine, commandId: string, instanceIds: string[]): void {
  const command = commands(engine).get(commandId);
  if (!command) throw new ServiceError('InvalidCommandId', `The command ${commandId} does not exist.`);
  for (const invocation of invocationsOf(engine, command)) {
    if (hasEnded(invocation)) continue;
    if (instanceIds.length > 0 && !instanceIds.includes(invocation.instanceId)) continue;
    if (isWaiting(invocation)) end(engine, invocation, { status: 'Cancelled', statusDetails: 'Cancelled' });
    else cancelRunning(engine, invocation);
  }
}

function cancelRunning(engine: Engine, invocation: InvocationRecord): void {
  const { commandId, instanceId } = change(engine, invocation, {
    status: 'Cancelling',
    statusDetails: 'Cancelling',
  });
  engine.background(`cancel ${commandId} on ${instanceId}`, () =>
    engine.runtime.cancel(instanceId, commandId),
  );
}

/**
 * After a restart of the daemon, when the runtime has recovered its instances: takes up the commands that had been delivered and
 * not ended. The runtime finds a command that runs on, or its outcome, by its id.
 */
export function resumeCommands(engine: Engine): void {
  for (const invocation of invocations(engine).all()) {
    if (invocation.status !== 'InProgress' && invocation.status !== 'Cancelling') continue;
    run(engine, invocation);
    if (invocation.status === 'Cancelling') cancelRunning(engine, invocation);
  }
}
