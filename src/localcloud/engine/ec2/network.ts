import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { hasCapacity } from './capacity.ts';
import { findResource, type Tags } from './resources.ts';
import { securityGroups } from './security-groups.ts';
import { setSetting, setting } from './settings.ts';

export interface VpcRecord {
  vpcId: string;
  cidr: string;
  isDefault: boolean;
  /** Instances get public DNS names; not in VPCs other than the default one, unless it is switched on. */
  dnsHostnames?: boolean;
  /** Default: true. */
  dnsSupport?: boolean;
  tags: Tags;
}

export interface SubnetRecord {
  subnetId: string;
  vpcId: string;
  zone: string;
  cidr: string;
  /** The zone's default subnet. */
  isDefault: boolean;
  /** Kept for whoever asks: there are no public addresses here. */
  mapPublicIp?: boolean;
  tags: Tags;
}

export const vpcs = (engine: Engine) => engine.store.table<VpcRecord>('vpcs');
export const subnets = (engine: Engine) => engine.store.table<SubnetRecord>('subnets');

/** Names of the region's zones. */
export const zones = (engine: Engine) => ['a', 'b', 'c'].map((letter) => `${engine.region}${letter}`);

/** Throws InvalidSubnetID.NotFound. */
export const findSubnet = (engine: Engine, id: string) => findResource<SubnetRecord>(engine, 'subnet', id);

/** Throws InvalidVpcID.NotFound. */
export const findVpc = (engine: Engine, id: string) => findResource<VpcRecord>(engine, 'vpc', id);

/** Throws VPCIdNotSpecified when the user has deleted it. */
export function defaultVpc(engine: Engine): VpcRecord {
  const existing = vpcs(engine).filter((vpc) => vpc.isDefault)[0];
  if (!existing) throw new ServiceError('VPCIdNotSpecified', 'No default VPC for this user');
  return existing;
}

/** What every account finds in every region: once per store. */
export function firstVpc(engine: Engine): void {
  if (setting(engine, 'firstVpc')) return;
  makeDefaultVpc(engine);
  setSetting(engine, 'firstVpc', { made: true });
}

/** The default VPC with a subnet per zone and its default security group. */
export function makeDefaultVpc(engine: Engine): VpcRecord {
  const vpc = putVpc(engine, { cidr: '172.31.0.0/16', isDefault: true, tags: {} });
  zones(engine).forEach((zone, index) => {
    const subnetId = engine.ids.resource('subnet');
    subnets(engine).put(subnetId, {
      subnetId,
      vpcId: vpc.vpcId,
      zone,
      cidr: `172.31.${index * 16}.0/20`,
      isDefault: true,
      tags: {},
    });
  });
  return vpc;
}

/** Every VPC has a default security group, which lets everything out, and in what comes from itself. */
export function putVpc(engine: Engine, vpc: Omit<VpcRecord, 'vpcId'>): VpcRecord {
  const vpcId = engine.ids.resource('vpc');
  const groupId = engine.ids.resource('sg');
  securityGroups(engine).put(groupId, {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId,
    rules: [
      { ruleId: engine.ids.resource('sgr'), protocol: '-1', egress: false, peerGroupId: groupId },
      { ruleId: engine.ids.resource('sgr'), protocol: '-1', egress: true, cidrIpv4: '0.0.0.0/0' },
    ],
    tags: {},
  });
  return vpcs(engine).put(vpcId, { ...vpc, vpcId });
}

/**
 * Where a launch goes: the subnet given, else the default subnet of the zone given, else that of the first zone with
 * capacity. Throws InvalidSubnetID.NotFound, InvalidParameterValue for an unknown zone.
 */
export function placement(
  engine: Engine,
  spec: { subnetId?: string; zone?: string; instanceType: string },
  count: number,
): SubnetRecord {
  if (spec.subnetId !== undefined) {
    const subnet = findSubnet(engine, spec.subnetId);
    if (spec.zone !== undefined && spec.zone !== subnet.zone) {
      throw new ServiceError(
        'InvalidParameterValue',
        `Subnet ${subnet.subnetId} is in ${subnet.zone}, not in ${spec.zone}.`,
      );
    }
    return subnet;
  }
  const { vpcId } = defaultVpc(engine);
  const inZone = (zone: string) =>
    subnets(engine).filter((subnet) => subnet.vpcId === vpcId && subnet.isDefault && subnet.zone === zone)[0];
  const zone =
    spec.zone ??
    zones(engine).find((name) => hasCapacity(engine, spec.instanceType, name, count)) ??
    (zones(engine)[0] as string);
  const subnet = inZone(zone);
  if (!subnet) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value (${zone}) for parameter availabilityZone is invalid.`,
    );
  }
  return subnet;
}
