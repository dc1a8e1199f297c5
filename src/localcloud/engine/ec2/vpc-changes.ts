import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { contains, overlaps, readCidr } from './cidr.ts';
import { instances } from './instance-record.ts';
import {
  findSubnet,
  findVpc,
  makeDefaultVpc,
  putVpc,
  type SubnetRecord,
  subnets,
  type VpcRecord,
  vpcs,
  zones,
} from './network.ts';
import type { Tags } from './resources.ts';
import { securityGroups } from './security-groups.ts';

/** With its default security group. Throws InvalidParameterValue, InvalidVpc.Range: /16 to /28. */
export function createVpc(engine: Engine, request: { cidr: string; tags: Tags }): VpcRecord {
  const { bits } = readCidr(request.cidr);
  if (bits < 16 || bits > 28) {
    throw new ServiceError('InvalidVpc.Range', `The CIDR '${request.cidr}' is invalid.`);
  }
  return putVpc(engine, { ...request, isDefault: false });
}

/** Throws DefaultVpcAlreadyExists. */
export function createDefaultVpc(engine: Engine): VpcRecord {
  if (vpcs(engine).filter(({ isDefault }) => isDefault).length > 0) {
    throw new ServiceError(
      'DefaultVpcAlreadyExists',
      'A Default VPC already exists for this account in this region.',
    );
  }
  return makeDefaultVpc(engine);
}

/** Its default security group goes with it, and a default VPC's default subnets do. Throws DependencyViolation. */
export function deleteVpc(engine: Engine, vpcId: string): void {
  const { isDefault } = findVpc(engine, vpcId);
  const inside = subnets(engine).filter((subnet) => subnet.vpcId === vpcId);
  const groups = securityGroups(engine).filter((group) => group.vpcId === vpcId);
  const keeping =
    (inside.length > 0 && !isDefault) ||
    inside.some(({ subnetId }) => isUsed(engine, subnetId)) ||
    groups.some(({ groupName }) => groupName !== 'default');
  if (keeping) {
    throw new ServiceError(
      'DependencyViolation',
      `The vpc '${vpcId}' has dependencies and cannot be deleted.`,
    );
  }
  for (const { subnetId } of inside) subnets(engine).delete(subnetId);
  for (const { groupId } of groups) securityGroups(engine).delete(groupId);
  vpcs(engine).delete(vpcId);
}

/** In the first zone where none is named. Throws InvalidSubnet.Range, InvalidSubnet.Conflict, InvalidParameterValue. */
export function createSubnet(
  engine: Engine,
  request: { vpcId: string; cidr: string; zone?: string; tags: Tags },
): SubnetRecord {
  const vpc = findVpc(engine, request.vpcId);
  const block = readCidr(request.cidr);
  if (block.bits < 16 || block.bits > 28 || !contains(readCidr(vpc.cidr), block)) {
    throw new ServiceError('InvalidSubnet.Range', `The CIDR '${request.cidr}' is invalid.`);
  }
  const others = subnets(engine).filter((subnet) => subnet.vpcId === vpc.vpcId);
  if (others.some((subnet) => overlaps(readCidr(subnet.cidr), block))) {
    throw new ServiceError(
      'InvalidSubnet.Conflict',
      `The CIDR '${request.cidr}' conflicts with another subnet`,
    );
  }
  const zone = request.zone ?? (zones(engine)[0] as string);
  if (!zones(engine).includes(zone)) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones(engine).join(', ')}.`,
    );
  }
  const subnetId = engine.ids.resource('subnet');
  const { vpcId, cidr, tags } = request;
  return subnets(engine).put(subnetId, { subnetId, vpcId, cidr, zone, isDefault: false, tags });
}

/** Throws DependencyViolation while an instance is in it. */
export function deleteSubnet(engine: Engine, subnetId: string): void {
  findSubnet(engine, subnetId);
  if (isUsed(engine, subnetId)) {
    throw new ServiceError(
      'DependencyViolation',
      `The subnet '${subnetId}' has dependencies and cannot be deleted.`,
    );
  }
  subnets(engine).delete(subnetId);
}

const isUsed = (engine: Engine, subnetId: string) =>
  instances(engine).filter((i) => i.subnetId === subnetId && i.state !== 'terminated').length > 0;

/** Addresses that are left in it: the first four and the last one are EC2's own. */
export function freeAddressCount(engine: Engine, { subnetId, cidr }: SubnetRecord): number {
  const used = instances(engine).filter((i) => i.subnetId === subnetId && i.state !== 'terminated');
  return Math.max(0, readCidr(cidr).size - 5 - used.length);
}
