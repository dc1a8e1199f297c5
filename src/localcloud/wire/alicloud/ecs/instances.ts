import { instances } from '../../../engine/ec2/instance-record.ts';
import { findInstance, terminateInstances } from '../../../engine/ec2/instances.ts';
import { rebootInstances, startInstances, stopInstances } from '../../../engine/ec2/power.ts';
import { ecsInstances } from '../../../engine/ecs/records.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Operation } from '../../service.ts';
import { inward } from '../ids.ts';
import { carries, endDryRun, jsonList, pageOf } from './input.ts';
import { instanceView, statusOf, visibleInstances } from './instance-view.ts';
import { RunInstances, releaseTime } from './run-instances.ts';

const DescribeInstances: Operation = (input, { engine }) => {
  const ids = jsonList(input, 'InstanceIds');
  const status = input.text('Status');
  const [name, image, vpc] = [input.text('InstanceName'), input.text('ImageId'), input.text('VpcId')];
  const found = visibleInstances(engine).filter(
    (instance) =>
      (ids === undefined || ids.includes(instance.instanceId)) &&
      (status === undefined || statusOf(instance) === status) &&
      (image === undefined || instance.imageId === inward(image)) &&
      (vpc === undefined || instance.vpcId === vpc) &&
      carries(instance.tags, input),
  );
  const views = found.map((instance) => instanceView(engine, instance) as { InstanceName: string });
  const named = views.filter((one) => name === undefined || one.InstanceName === name);
  const { items, view } = pageOf(input, named, 100);
  return { ...view, Instances: { Instance: items } };
};

const DescribeInstanceStatus: Operation = (input, { engine }) => {
  const ids = input.list('InstanceId');
  const found = visibleInstances(engine).filter(
    ({ instanceId }) => ids.length === 0 || ids.includes(instanceId),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    InstanceStatuses: {
      InstanceStatus: items.map((one) => ({ InstanceId: one.instanceId, Status: statusOf(one) })),
    },
  };
};

/** A released instance is not there for any operation. Throws InvalidInstanceId.NotFound. */
function present(engine: Engine, id: string): string {
  const { state } = findInstance(engine, id);
  if (state !== 'terminated' && state !== 'shutting-down') return id;
  throw new ServiceError('InvalidInstanceId.NotFound', `The specified InstanceId ${id} does not exist.`, 404);
}

const StartInstance: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  endDryRun(input);
  startInstances(engine, [id]);
  return {};
};

const StopInstance: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  endDryRun(input);
  stopInstances(engine, [id]);
  return {};
};

const RebootInstance: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  endDryRun(input);
  rebootInstances(engine, [id]);
  return {};
};

const StopInstances: Operation = (input, { engine }) => {
  const ids = input.list('InstanceId').map((id) => present(engine, id));
  endDryRun(input);
  const before = new Map(ids.map((id) => [id, statusOf(findInstance(engine, id))]));
  stopInstances(engine, ids);
  return {
    InstanceResponses: {
      InstanceResponse: ids.map((id) => ({
        InstanceId: id,
        Code: '200',
        Message: 'success',
        PreviousStatus: before.get(id),
        CurrentStatus: statusOf(findInstance(engine, id)),
      })),
    },
  };
};

/** A running instance is released only by force. Throws IncorrectInstanceStatus, InvalidOperation.DeletionProtection. */
function release(engine: Engine, ids: string[], force: boolean): void {
  for (const id of ids) {
    const { state, disableApiTermination } = findInstance(engine, id);
    if (disableApiTermination)
      throw new ServiceError(
        'InvalidOperation.DeletionProtection',
        'The instance is protected against release.',
        403,
      );
    if (state !== 'stopped' && !force)
      throw new ServiceError(
        'IncorrectInstanceStatus',
        'The current status of the resource does not support this operation.',
        403,
      );
  }
  terminateInstances(engine, ids);
}

const DeleteInstance: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  endDryRun(input);
  release(engine, [id], input.bool('Force') ?? false);
  return {};
};

const DeleteInstances: Operation = (input, { engine }) => {
  const ids = input.list('InstanceId').map((id) => present(engine, id));
  endDryRun(input);
  release(engine, ids, input.bool('Force') ?? false);
  return {};
};

const ModifyInstanceAttribute: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  const protection = input.bool('DeletionProtection');
  if (protection !== undefined) instances(engine).patch(id, { disableApiTermination: protection });
  return {};
};

/** Without a time, none. */
const ModifyInstanceAutoReleaseTime: Operation = (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  const releaseAt = releaseTime(engine, input);
  if (ecsInstances(engine).has(id)) ecsInstances(engine).patch(id, { releaseAt });
  return {};
};

const GetInstanceConsoleOutput: Operation = async (input, { engine }) => {
  const id = present(engine, input.require('InstanceId'));
  const output = await engine.runtime.consoleOutput(id);
  return { InstanceId: id, ConsoleOutput: Buffer.from(output).subarray(-65_536).toString('base64') };
};

export const instanceOperations: Record<string, Operation> = {
  RunInstances,
  DescribeInstances,
  DescribeInstanceStatus,
  StartInstance,
  StopInstance,
  RebootInstance,
  StopInstances,
  DeleteInstance,
  DeleteInstances,
  ModifyInstanceAttribute,
  ModifyInstanceAutoReleaseTime,
  GetInstanceConsoleOutput,
};
