import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findResource, type Tags } from './resources.ts';

/** One rule: a protocol and port range from or to one peer. */
export interface SecurityGroupRule {
  ruleId: string;
  egress: boolean;
  /** tcp, udp, icmp or -1 for all. */
  protocol: string;
  fromPort?: number;
  toPort?: number;
  cidrIpv4?: string;
  cidrIpv6?: string;
  prefixListId?: string;
  peerGroupId?: string;
  description?: string;
}

export interface SecurityGroupRecord {
  groupId: string;
  groupName: string;
  description: string;
  vpcId: string;
  rules: SecurityGroupRule[];
  tags: Tags;
}

export const securityGroups = (engine: Engine) => engine.store.table<SecurityGroupRecord>('securityGroups');

/** Throws InvalidGroup.NotFound. */
export const findSecurityGroup = (engine: Engine, id: string) =>
  findResource<SecurityGroupRecord>(engine, 'sg', id);

/** The group of instances that name none. */
export function defaultGroup(engine: Engine, vpcId: string): SecurityGroupRecord {
  return securityGroups(engine).filter(
    (group) => group.vpcId === vpcId && group.groupName === 'default',
  )[0] as SecurityGroupRecord;
}

/** By id, or by name in a VPC. Throws InvalidGroup.NotFound, MissingParameter. */
export function groupByIdOrName(
  engine: Engine,
  { id, name, vpcId }: { id?: string; name?: string; vpcId: string },
): SecurityGroupRecord {
  if (id !== undefined) return findSecurityGroup(engine, id);
  if (name === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter groupName or groupId');
  }
  const group = securityGroups(engine).filter((g) => g.vpcId === vpcId && g.groupName === name)[0];
  if (!group) {
    throw new ServiceError(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in VPC '${vpcId}'`,
    );
  }
  return group;
}
