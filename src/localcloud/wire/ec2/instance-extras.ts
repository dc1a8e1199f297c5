import { INSTANCE_TYPES } from '../../engine/ec2/instance-types.ts';
import { findInstance, type InstanceRecord, instances } from '../../engine/ec2/instances.ts';
import { oneOf } from '../../engine/ec2/template-launch.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { instanceIds } from './instance-operations.ts';
import { page } from './paging.ts';

const monitoring =
  (enabled: boolean): Operation =>
  (input, { engine }) => {
    const ids = instanceIds(input);
    for (const id of ids) findInstance(engine, id);
    for (const id of ids) instances(engine).patch(id, { monitoring: enabled });
    const state = enabled ? 'pending' : 'disabling';
    return { instancesSet: ids.map((instanceId) => ({ instanceId, monitoring: { state } })) };
  };

/** Windows instances have one. */
const GetPasswordData: Operation = (input, { engine }) => {
  const { instanceId } = findInstance(engine, input.require('InstanceId'));
  return { instanceId, timestamp: new Date(engine.clock.now()), passwordData: '' };
};

const isBurstable = ({ instanceType }: InstanceRecord) =>
  INSTANCE_TYPES.get(instanceType)?.burstable ?? false;

/** T2 instances stop at what they have saved up, the later ones do not, unless they are told to. */
const creditsOf = ({ cpuCredits, instanceType }: InstanceRecord) =>
  cpuCredits ?? (instanceType.startsWith('t2.') ? 'standard' : 'unlimited');

const DescribeInstanceCreditSpecifications: Operation = (input, { engine }) => {
  const ids = input.list('InstanceId');
  const named = ids.map((id) => findInstance(engine, id));
  const other = named.find((instance) => !isBurstable(instance));
  if (other) throw notBurstable(other.instanceId);
  const known =
    ids.length > 0
      ? named
      : instances(engine).filter((instance) => isBurstable(instance) && instance.state !== 'terminated');
  const found = filtered(input, known, { 'instance-id': (i) => i.instanceId });
  const { items, nextToken } = page(input, found, (i) => i.instanceId, 5);
  return {
    instanceCreditSpecificationSet: items.map((instance) => ({
      instanceId: instance.instanceId,
      cpuCredits: creditsOf(instance),
    })),
    nextToken,
  };
};

const notBurstable = (id: string) =>
  new ServiceError('InvalidParameterValue', `The instance '${id}' is not a burstable performance instance.`);

/** What cannot be changed is told; the others are changed. */
const ModifyInstanceCreditSpecification: Operation = (input, { engine }) => {
  const done: unknown[] = [];
  const failed: unknown[] = [];
  for (const request of input.objects('InstanceCreditSpecification')) {
    const instanceId = request.require('InstanceId');
    try {
      checkCredits(request, findInstance(engine, instanceId));
      instances(engine).patch(instanceId, { cpuCredits: request.text('CpuCredits') });
      done.push({ instanceId });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ instanceId, error: { code: error.code, message: error.message } });
    }
  }
  return {
    successfulInstanceCreditSpecificationSet: done,
    unsuccessfulInstanceCreditSpecificationSet: failed,
  };
};

function checkCredits(request: Input, instance: InstanceRecord): void {
  oneOf('CpuCredits', request.require('CpuCredits'), ['standard', 'unlimited']);
  if (!isBurstable(instance)) throw notBurstable(instance.instanceId);
}

export const instanceExtraOperations: Record<string, Operation> = {
  MonitorInstances: monitoring(true),
  UnmonitorInstances: monitoring(false),
  GetPasswordData,
  DescribeInstanceCreditSpecifications,
  ModifyInstanceCreditSpecification,
};
