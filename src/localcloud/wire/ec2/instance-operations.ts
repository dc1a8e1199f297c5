import { findInstance, terminateInstances } from '../../engine/ec2/instances.ts';
import { rebootInstances, startInstances, stopInstances } from '../../engine/ec2/power.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { stateChanges } from './instance-view.ts';

/** The instances that a request names: at least one, each once. */
export function instanceIds(input: Input): string[] {
  const given = [...new Set(input.list('InstanceId'))];
  if (given.length === 0) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter InstanceId');
  }
  return given;
}

const StartInstances: Operation = (input, { engine }) => {
  const which = instanceIds(input);
  return { instancesSet: stateChanges(engine, which, () => startInstances(engine, which)) };
};

const StopInstances: Operation = (input, { engine }) => {
  const which = instanceIds(input);
  return { instancesSet: stateChanges(engine, which, () => stopInstances(engine, which)) };
};

const RebootInstances: Operation = (input, { engine }) => {
  rebootInstances(engine, instanceIds(input));
  return { return: true };
};

const TerminateInstances: Operation = (input, { engine }) => {
  const which = instanceIds(input);
  for (const id of which) refuseProtected(engine, id);
  return { instancesSet: stateChanges(engine, which, () => terminateInstances(engine, which)) };
};

/** Termination protection holds against this request only; a scaling group terminates its instances all the same. */
function refuseProtected(engine: Engine, id: string): void {
  const { disableApiTermination, state } = findInstance(engine, id);
  if (disableApiTermination && state !== 'terminated') {
    throw new ServiceError(
      'OperationNotPermitted',
      `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
}

const GetConsoleOutput: Operation = async (input, { engine }) => {
  const { instanceId } = findInstance(engine, input.require('InstanceId'));
  const output = await engine.runtime.consoleOutput(instanceId);
  return {
    instanceId,
    timestamp: new Date(engine.clock.now()),
    // EC2 keeps the last 64 KB.
    output: Buffer.from(output).subarray(-65_536).toString('base64'),
  };
};

export const instanceOperations: Record<string, Operation> = {
  StartInstances,
  StopInstances,
  RebootInstances,
  TerminateInstances,
  GetConsoleOutput,
};
