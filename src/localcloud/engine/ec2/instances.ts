import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { freeAddresses } from './addresses.ts';
import { takeCapacity } from './capacity.ts';
import { launchableImage } from './images.ts';
import { findInstance, type InstanceRecord, instances } from './instance-record.ts';
import { checkInstanceType } from './instance-types.ts';
import { findKeyPair } from './key-pairs.ts';
import type { LaunchSpec, MetadataOptions } from './launch-spec.ts';
import { placement } from './network.ts';
import type { Tags } from './resources.ts';
import { defaultGroup, findSecurityGroup } from './security-groups.ts';
import { checkSpotPrice, fulfilSpotRequest } from './spot-requests.ts';
import { transition, userReason } from './transitions.ts';
import { createVolumes, plannedVolumes } from './volumes.ts';

export { findInstance, type InstanceRecord, instances } from './instance-record.ts';

/** EC2: user data is limited to 16 KB before it is base64-encoded. */
const MOST_USER_DATA = 16_384;

/** What Amazon Linux 2023's images ask for (`ImdsSupport: v2.0`). */
const METADATA_DEFAULTS: MetadataOptions = {
  httpTokens: 'required',
  httpPutResponseHopLimit: 2,
  httpEndpoint: 'enabled',
  instanceMetadataTags: 'disabled',
};

/**
 * Instances in state `pending`; the caller's settle sets them going. Throws InvalidAMIID.*, InvalidSubnetID.NotFound,
 * InvalidGroup.NotFound, InvalidKeyPair.NotFound, InvalidParameterValue, InsufficientInstanceCapacity,
 * InsufficientFreeAddressesInSubnet, InvalidBlockDeviceMapping, SpotMaxPriceTooLow; then none was made.
 */
export function runInstances(engine: Engine, spec: LaunchSpec, count: number): InstanceRecord[] {
  const image = launchableImage(engine, spec.imageId);
  checkInstanceType(spec.instanceType);
  checkUserData(spec.userData, spec.mostUserData);
  const key = spec.keyName === undefined ? undefined : findKeyPair(engine, { name: spec.keyName });
  const subnet = placement(engine, spec, count);
  const groups = spec.securityGroupIds?.length
    ? spec.securityGroupIds
    : [defaultGroup(engine, subnet.vpcId).groupId];
  for (const id of groups) findSecurityGroup(engine, id);
  const planned = plannedVolumes(engine, image, spec.blockDevices ?? []);
  if (spec.spot) checkSpotPrice(spec.instanceType, subnet.zone, spec.spot.maxPrice);
  const addresses = freeAddresses(engine, count);
  takeCapacity(engine, spec.instanceType, subnet.zone, count);

  const now = engine.clock.now();
  const reservationId = engine.ids.resource('r');
  return addresses.map((address, launchIndex) => {
    const instanceId = engine.ids.resource('i');
    const blockDevices = createVolumes(engine, {
      instanceId,
      zone: subnet.zone,
      planned,
      tags: spec.tags?.volume ?? {},
    });
    const record: InstanceRecord = {
      instanceId,
      reservationId,
      launchIndex,
      state: 'pending',
      transitionReason: '',
      imageId: image.imageId,
      instanceType: spec.instanceType,
      architecture: image.architecture,
      zone: subnet.zone,
      subnetId: subnet.subnetId,
      vpcId: subnet.vpcId,
      securityGroupIds: groups,
      keyName: spec.keyName,
      publicKey: key && `${key.publicKey} ${key.keyName}`,
      profile: spec.profile,
      userData: spec.userData ?? '',
      tags: { ...spec.tags?.instance, ...templateTags(spec.launchTemplate) },
      createdAt: now,
      launchedAt: now,
      shutdownBehavior: spec.shutdownBehavior ?? 'stop',
      disableApiTermination: spec.disableApiTermination ?? false,
      metadataOptions: { ...METADATA_DEFAULTS, ...spec.metadataOptions },
      monitoring: spec.monitoring ?? false,
      ebsOptimized: spec.ebsOptimized ?? false,
      cpuCredits: spec.cpuCredits,
      address,
      dnsName: `ip-${address.replaceAll('.', '-')}.${engine.region}.compute.internal`,
      layers: image.layers,
      rootDeviceName: image.rootDeviceName,
      blockDevices,
      launchTemplate: spec.launchTemplate,
      clientToken: spec.clientToken,
      booted: false,
    };
    instances(engine).put(instanceId, record);
    if (spec.spot) fulfilSpotRequest(engine, record, spec);
    return findInstance(engine, instanceId);
  });
}

/**
 * Sets instances on their way to `terminated`; those that are there already stay. Throws when one is unknown; then none
 * is touched. `reason` is what people read as the transition's reason.
 */
export function terminateInstances(engine: Engine, ids: string[], reason?: string): void {
  for (const instance of ids.map((id) => findInstance(engine, id))) {
    if (instance.state === 'terminated' || instance.state === 'shutting-down') continue;
    transition(engine, instance.instanceId, 'shutting-down', userReason(engine, reason));
  }
}

/** Throws InvalidParameterValue. */
export function checkUserData(userData: string | undefined, most = MOST_USER_DATA): void {
  if (userData === undefined) return;
  const bytes = Buffer.from(userData, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== userData.replace(/\s/g, '').replace(/=+$/, '')) {
    throw new ServiceError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  }
  if (bytes.length > most) {
    throw new ServiceError('InvalidParameterValue', `User data is limited to ${most} bytes`);
  }
}

const templateTags = (template: LaunchSpec['launchTemplate']): Tags =>
  template
    ? { 'aws:ec2launchtemplate:id': template.id, 'aws:ec2launchtemplate:version': String(template.version) }
    : {};
