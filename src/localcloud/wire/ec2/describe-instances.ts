import { isFound } from '../../engine/ec2/consistency.ts';
import { findInstance, type InstanceRecord, instances } from '../../engine/ec2/instance-record.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { INSTANCE_FILTERS, STATUS_FILTERS } from './filter-names.ts';
import { type FilterFields, filtered } from './filters.ts';
import {
  groupSet,
  instanceView,
  networkInterface,
  profileArn,
  reservationView,
  stateView,
} from './instance-view.ts';
import { page } from './paging.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

const fields = (engine: Engine): FilterFields<InstanceRecord> => ({
  'instance-id': (i) => i.instanceId,
  'instance-state-name': (i) => i.state,
  'instance-state-code': (i) => stateView(i.state).code,
  'instance-type': (i) => i.instanceType,
  'image-id': (i) => i.imageId,
  'availability-zone': (i) => i.zone,
  'subnet-id': (i) => i.subnetId,
  'vpc-id': (i) => i.vpcId,
  'key-name': (i) => i.keyName,
  'instance-lifecycle': (i) => (i.spotRequestId ? 'spot' : undefined),
  'spot-instance-request-id': (i) => i.spotRequestId,
  'client-token': (i) => i.clientToken,
  'reservation-id': (i) => i.reservationId,
  'private-ip-address': (i) => i.address,
  'private-dns-name': (i) => i.dnsName,
  'network-interface.addresses.private-ip-address': (i) => i.address,
  'instance.group-id': (i) => i.securityGroupIds,
  'group-id': (i) => i.securityGroupIds,
  'iam-instance-profile.arn': (i) => i.profile && profileArn(engine, i.profile),
  'launch-time': (i) => new Date(i.launchedAt).toISOString(),
  'launch-index': (i) => i.launchIndex,
  architecture: (i) => i.architecture,
  'root-device-name': (i) => i.rootDeviceName,
  'root-device-type': () => 'ebs',
  'owner-id': () => engine.account,
  'monitoring-state': (i) => (i.monitoring ? 'enabled' : 'disabled'),
  'metadata-options.http-tokens': (i) => i.metadataOptions.httpTokens,
  'metadata-options.http-endpoint': (i) => i.metadataOptions.httpEndpoint,
  'block-device-mapping.volume-id': (i) => i.blockDevices.map(({ volumeId }) => volumeId),
  'block-device-mapping.device-name': (i) => i.blockDevices.map(({ deviceName }) => deviceName),
  'state-reason-code': (i) => i.stateReason?.code,
  'state-reason-message': (i) => i.stateReason?.message,
  ...viewFields<InstanceRecord>(INSTANCE_FILTERS, (i) => shown(engine, i)),
});

/** What the answer has, with what filters call otherwise than answers do. */
function shown(engine: Engine, instance: InstanceRecord) {
  const view = instanceView(engine, instance);
  const groups = groupSet(engine, instance.securityGroupIds);
  const group = { groupId: instance.securityGroupIds, groupName: groups.map(({ groupName }) => groupName) };
  const card = networkInterface(engine, instance, groups);
  const { instanceId, zone } = instance;
  return {
    ...view,
    tenancy: 'default',
    availabilityZoneId: zoneId(engine, zone),
    instance: group,
    networkInterfaceSet: {
      ...card,
      ...group,
      availabilityZone: zone,
      requesterManaged: false,
      addressesSet: card.privateIpAddressesSet,
      attachment: { ...card.attachment, instanceId, instanceOwnerId: engine.account, networkCardIndex: 0 },
    },
  };
}

/** The instances that a request names, or all; then its filters. Ids and pages do not go together. */
function selected(engine: Engine, input: Input, more: FilterFields<InstanceRecord> = {}): InstanceRecord[] {
  const ids = input.list('InstanceId');
  if (ids.length > 0 && input.has('MaxResults')) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  const records =
    ids.length > 0
      ? [...new Set(ids)].map((id) => visibleInstance(engine, id))
      : instances(engine).filter(({ createdAt }) => isFound(engine, createdAt));
  return filtered(input, records, { ...fields(engine), ...more });
}

function visibleInstance(engine: Engine, id: string): InstanceRecord {
  const instance = findInstance(engine, id);
  if (isFound(engine, instance.createdAt)) return instance;
  throw new ServiceError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

const DescribeInstances: Operation = (input, { engine }) => {
  const { items, nextToken } = page(input, selected(engine, input), (i) => i.instanceId, 5);
  const reservations = new Map<string, InstanceRecord[]>();
  for (const instance of items) {
    const members = reservations.get(instance.reservationId);
    if (members) members.push(instance);
    else reservations.set(instance.reservationId, [instance]);
  }
  return {
    reservationSet: [...reservations].map(([id, members]) => reservationView(engine, id, members)),
    nextToken,
  };
};

const ok = (i: InstanceRecord) => (i.state === 'running' ? 'ok' : 'not-applicable');
const passed = (i: InstanceRecord) => (i.state === 'running' ? 'passed' : undefined);

/** Nothing is ever scheduled for an instance here. */
const STATUS_FIELDS: FilterFields<InstanceRecord> = {
  'instance-status.status': ok,
  'system-status.status': ok,
  'instance-status.reachability': passed,
  'system-status.reachability': passed,
  ...viewFields<InstanceRecord>(STATUS_FILTERS, () => undefined),
};

const DescribeInstanceStatus: Operation = (input, { engine }) => {
  const all = input.bool('IncludeAllInstances') ?? false;
  const found = selected(engine, input, STATUS_FIELDS).filter(({ state }) => all || state === 'running');
  const { items, nextToken } = page(input, found, (i) => i.instanceId, 5);
  return {
    instanceStatusSet: items.map((instance) => {
      const check =
        instance.state === 'running'
          ? { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] }
          : { status: 'not-applicable' };
      return {
        instanceId: instance.instanceId,
        availabilityZone: instance.zone,
        instanceState: stateView(instance.state),
        instanceStatus: check,
        systemStatus: check,
      };
    }),
    nextToken,
  };
};

export const describeInstanceOperations: Record<string, Operation> = {
  DescribeInstances,
  DescribeInstanceStatus,
};
