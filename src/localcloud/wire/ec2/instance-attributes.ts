import { checkInstanceType } from '../../engine/ec2/instance-types.ts';
import { checkUserData, findInstance, type InstanceRecord, instances } from '../../engine/ec2/instances.ts';
import { findSecurityGroup } from '../../engine/ec2/security-groups.ts';
import { metadataOptions, oneOf } from '../../engine/ec2/template-launch.ts';
import { volumes } from '../../engine/ec2/volumes.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { groupSet, instanceView } from './instance-view.ts';

const value = (content: unknown) => ({ value: content });

/** By the names that `Attribute` takes, which are the names of the answer's elements too, mostly. */
const READERS: Record<string, (instance: InstanceRecord, engine: Engine) => Record<string, unknown>> = {
  userData: (i) => ({ userData: i.userData === '' ? {} : value(i.userData) }),
  instanceInitiatedShutdownBehavior: (i) => ({
    instanceInitiatedShutdownBehavior: value(i.shutdownBehavior),
  }),
  disableApiTermination: (i) => ({ disableApiTermination: value(i.disableApiTermination) }),
  instanceType: (i) => ({ instanceType: value(i.instanceType) }),
  ebsOptimized: (i) => ({ ebsOptimized: value(i.ebsOptimized) }),
  rootDeviceName: (i) => ({ rootDeviceName: value(i.rootDeviceName) }),
  blockDeviceMapping: (i, engine) => ({
    blockDeviceMapping: instanceView(engine, i).blockDeviceMapping,
  }),
  groupSet: (i, engine) => ({ groupSet: groupSet(engine, i.securityGroupIds) }),
  sourceDestCheck: () => ({ sourceDestCheck: value(true) }),
  enaSupport: () => ({ enaSupport: value(true) }),
  sriovNetSupport: () => ({ sriovNetSupport: {} }),
  disableApiStop: () => ({ disableApiStop: value(false) }),
  kernel: () => ({ kernel: {} }),
  ramdisk: () => ({ ramdisk: {} }),
};

const DescribeInstanceAttribute: Operation = (input, { engine }) => {
  const instance = findInstance(engine, input.require('InstanceId'));
  const name = input.require('Attribute');
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (!read) throw unknownAttribute(name);
  return { instanceId: instance.instanceId, ...read(instance, engine) };
};

/** One attribute, given by its own parameter or by `Attribute` and `Value`. */
const ModifyInstanceAttribute: Operation = (input, { engine }) => {
  const instance = findInstance(engine, input.require('InstanceId'));
  instances(engine).patch(instance.instanceId, change(engine, instance, input));
  return { return: true };
};

function change(engine: Engine, instance: InstanceRecord, input: Input): Partial<InstanceRecord> {
  const groups = input.list('GroupId');
  if (groups.length > 0) {
    return { securityGroupIds: groups.map((id) => findSecurityGroup(engine, id).groupId) };
  }
  const mappings = input.objects('BlockDeviceMapping');
  if (mappings.length > 0) return { blockDevices: keptDevices(engine, instance, mappings) };
  const attribute = input.text('Attribute');
  const given = (name: string) => {
    const own = name.charAt(0).toUpperCase() + name.slice(1);
    return attribute === name ? (input.text('Value') ?? '') : input.object(own)?.text('Value');
  };
  const flag = (name: string) => {
    const text = given(name);
    return text === undefined ? undefined : oneOf(name, text, ['true', 'false']) === 'true';
  };
  const userData = given('userData');
  if (userData !== undefined) {
    onlyStopped(instance);
    checkUserData(userData);
    return { userData };
  }
  const type = given('instanceType');
  if (type !== undefined) {
    onlyStopped(instance);
    checkInstanceType(type);
    return { instanceType: type };
  }
  const behavior = given('instanceInitiatedShutdownBehavior');
  if (behavior !== undefined) {
    return {
      shutdownBehavior: oneOf('instanceInitiatedShutdownBehavior', behavior, ['stop', 'terminate']),
    };
  }
  const protection = flag('disableApiTermination');
  if (protection !== undefined) return { disableApiTermination: protection };
  const optimized = flag('ebsOptimized');
  if (optimized !== undefined) return { ebsOptimized: optimized };
  // Accepted by name, of no consequence here.
  if (['sourceDestCheck', 'enaSupport', 'sriovNetSupport', 'disableApiStop'].some((name) => given(name))) {
    return {};
  }
  throw attribute === undefined
    ? new ServiceError('InvalidParameterCombination', 'No attributes specified.')
    : unknownAttribute(attribute);
}

/** Whether volumes go with the instance; nothing else of a mapping can be changed. */
function keptDevices(engine: Engine, instance: InstanceRecord, mappings: Input[]) {
  const goes = new Map(
    mappings.map((mapping) => [
      mapping.require('DeviceName'),
      mapping.object('Ebs')?.bool('DeleteOnTermination') ?? true,
    ]),
  );
  const unknown = [...goes.keys()].find(
    (name) => !instance.blockDevices.some(({ deviceName }) => deviceName === name),
  );
  if (unknown !== undefined) {
    throw new ServiceError(
      'InvalidInstanceAttributeValue',
      `No device is currently mapped at ${unknown} to the instance.`,
    );
  }
  return instance.blockDevices.map((device) => {
    const deleteOnTermination = goes.get(device.deviceName) ?? device.deleteOnTermination;
    if (volumes(engine).has(device.volumeId)) volumes(engine).patch(device.volumeId, { deleteOnTermination });
    return { ...device, deleteOnTermination };
  });
}

function onlyStopped({ instanceId, state }: InstanceRecord): void {
  if (state !== 'stopped') {
    throw new ServiceError(
      'IncorrectInstanceState',
      `The instance '${instanceId}' is not in the 'stopped' state.`,
    );
  }
}

const unknownAttribute = (name: string) =>
  new ServiceError(
    'InvalidParameterValue',
    `Value (${name}) for parameter attribute is invalid. Unknown attribute.`,
  );

const ModifyInstanceMetadataOptions: Operation = (input, { engine }) => {
  const { instanceId } = findInstance(engine, input.require('InstanceId'));
  const given = metadataOptions({
    HttpTokens: input.text('HttpTokens'),
    HttpPutResponseHopLimit: input.int('HttpPutResponseHopLimit'),
    HttpEndpoint: input.text('HttpEndpoint'),
    InstanceMetadataTags: input.text('InstanceMetadataTags'),
  });
  const before = findInstance(engine, instanceId).metadataOptions;
  const { metadataOptions: now } = instances(engine).patch(instanceId, {
    metadataOptions: { ...before, ...given },
  });
  return { instanceId, instanceMetadataOptions: { state: 'pending', ...now, httpProtocolIpv6: 'disabled' } };
};

export const instanceAttributeOperations: Record<string, Operation> = {
  DescribeInstanceAttribute,
  ModifyInstanceAttribute,
  ModifyInstanceMetadataOptions,
};
