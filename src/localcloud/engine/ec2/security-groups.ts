import type { Engine } from '../engine.ts';
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
