import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { hasCapacity } from './capacity.ts';
import { findResource, type Tags } from './resources.ts';
import { securityGroups } from './security-groups.ts';

export interface VpcRecord {
  vpcId: string;
  cidr: string;
  isDefault: boolean;
  tags: Tags;
}

export interface SubnetRecord {
  subnetId: string;
  vpcId: string;
  zone: string;
  cidr: string;
  /** The zone's default subnet. */
  isDefault: boolean;
  tags: Tags;
}

export const vpcs = (engine: Engine) => engine.store.table<VpcRecord>('vpcs');
export const subnets = (engine: Engine) => engine.store.table<SubnetRecord>('subnets');

/** Names of the region's zones. */
export const zones = (engine: Engine) => ['a', 'b', 'c'].map((letter) => `${engine.region}${letter}`);

/** Throws InvalidSubnetID.NotFound. */
export const findSubnet = (engine: Engine, id: string) => findResource<SubnetRecord>(engine, 'subnet', id);

/** The default VPC with a subnet per zone and its default security group; made once per store. */
export function defaultVpc(engine: Engine): VpcRecord {
  const existing = vpcs(engine).filter((vpc) => vpc.isDefault)[0];
  if (existing) return existing;
  const vpcId = engine.ids.resource('vpc');
  zones(engine).forEach((zone, index) => {
    const subnetId = engine.ids.resource('subnet');
    subnets(engine).put(subnetId, {
      subnetId,
      vpcId,
      zone,
      cidr: `172.31.${index * 16}.0/20`,
      isDefault: true,
      tags: {},
    });
  });
  const groupId = engine.ids.resource('sg');
  securityGroups(engine).put(groupId, {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId,
    rules: [],
    tags: {},
  });
  return vpcs(engine).put(vpcId, { vpcId, cidr: '172.31.0.0/16', isDefault: true, tags: {} });
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
