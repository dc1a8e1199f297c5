import { type InstanceRecord, type InstanceState, instances } from '../../engine/ec2/instance-record.ts';
import { securityGroups } from '../../engine/ec2/security-groups.ts';
import type { Engine } from '../../engine/engine.ts';
import { tagSet } from './tag-wire.ts';

/** `InstanceState.Code`. Source: EC2 API reference. */
const STATE_CODES: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const stateView = (state: InstanceState) => ({ code: STATE_CODES[state], name: state });

/** What StartInstances, StopInstances and TerminateInstances answer: the states before and now. */
export function stateChanges(engine: Engine, ids: string[], change: () => void) {
  const before = new Map(ids.map((id) => [id, instances(engine).get(id)?.state]));
  change();
  return ids.map((instanceId) => {
    const now = instances(engine).get(instanceId)?.state ?? 'terminated';
    return {
      instanceId,
      currentState: stateView(now),
      previousState: stateView(before.get(instanceId) ?? now),
    };
  });
}

export const groupSet = (engine: Engine, ids: string[]) =>
  ids.map((groupId) => ({ groupId, groupName: securityGroups(engine).get(groupId)?.groupName }));

export const profileArn = (engine: Engine, profile: string) =>
  profile.startsWith('arn:') ? profile : `arn:aws:iam::${engine.account}:instance-profile/${profile}`;

export const profileView = (engine: Engine, instanceId: string, profile: string) => ({
  arn: profileArn(engine, profile),
  id: `AIPALOCAL${instanceId.slice(-12).toUpperCase()}`,
});

/** The element `instancesSet.item`. */
export function instanceView(engine: Engine, instance: InstanceRecord): Record<string, unknown> {
  const present = instance.state !== 'terminated';
  const groups = groupSet(engine, instance.securityGroupIds);
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateView(instance.state),
    privateDnsName: present ? instance.dnsName : '',
    dnsName: '',
    reason: instance.transitionReason,
    stateReason: instance.stateReason,
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.instanceType,
    launchTime: new Date(instance.launchedAt),
    placement: { availabilityZone: instance.zone, groupName: '', tenancy: 'default' },
    monitoring: { state: instance.monitoring ? 'enabled' : 'disabled' },
    ...(present && {
      subnetId: instance.subnetId,
      vpcId: instance.vpcId,
      privateIpAddress: instance.address,
    }),
    architecture: instance.architecture,
    rootDeviceType: 'ebs',
    rootDeviceName: instance.rootDeviceName,
    blockDeviceMapping: instance.blockDevices.map(
      ({ deviceName, volumeId, deleteOnTermination, attachedAt }) => ({
        deviceName,
        ebs: { volumeId, status: 'attached', attachTime: new Date(attachedAt), deleteOnTermination },
      }),
    ),
    virtualizationType: 'hvm',
    clientToken: instance.clientToken ?? '',
    instanceLifecycle: instance.spotRequestId && 'spot',
    spotInstanceRequestId: instance.spotRequestId,
    tagSet: tagSet(instance.tags),
    hypervisor: 'xen',
    networkInterfaceSet: present ? [networkInterface(engine, instance, groups)] : [],
    iamInstanceProfile: instance.profile && profileView(engine, instance.instanceId, instance.profile),
    ebsOptimized: instance.ebsOptimized,
    enaSupport: true,
    groupSet: groups,
    sourceDestCheck: true,
    cpuOptions: { coreCount: 1, threadsPerCore: 2 },
    capacityReservationSpecification: { capacityReservationPreference: 'open' },
    hibernationOptions: { configured: false },
    enclaveOptions: { enabled: false },
    maintenanceOptions: { autoRecovery: 'default' },
    currentInstanceBootMode: 'uefi',
    privateDnsNameOptions: {
      hostnameType: 'ip-name',
      enableResourceNameDnsARecord: false,
      enableResourceNameDnsAAAARecord: false,
    },
    metadataOptions: {
      state: instance.state === 'pending' ? 'pending' : 'applied',
      ...instance.metadataOptions,
      httpProtocolIpv6: 'disabled',
    },
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
  };
}

export function networkInterface(engine: Engine, instance: InstanceRecord, groups: unknown[]) {
  const { instanceId, address, dnsName } = instance;
  const digits = instanceId.slice(-10);
  return {
    networkInterfaceId: instanceId.replace('i-', 'eni-'),
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    description: '',
    ownerId: engine.account,
    status: 'in-use',
    macAddress: `02:${(digits.match(/../g) as string[]).join(':')}`,
    privateIpAddress: address,
    privateDnsName: dnsName,
    sourceDestCheck: true,
    groupSet: groups,
    attachment: {
      attachmentId: instanceId.replace('i-', 'eni-attach-'),
      deviceIndex: 0,
      status: 'attached',
      attachTime: new Date(instance.launchedAt),
      deleteOnTermination: true,
    },
    privateIpAddressesSet: [{ privateIpAddress: address, privateDnsName: dnsName, primary: true }],
  };
}

/** `reservationSet.item`, and the whole answer of RunInstances. */
export const reservationView = (engine: Engine, reservationId: string, members: InstanceRecord[]) => ({
  reservationId,
  ownerId: engine.account,
  groupSet: [],
  instancesSet: members.map((instance) => instanceView(engine, instance)),
});
