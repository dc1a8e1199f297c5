import type { NewRule } from '../../engine/ec2/security-group-changes.ts';
import {
  groupByIdOrName,
  type SecurityGroupRecord,
  type SecurityGroupRule,
} from '../../engine/ec2/security-groups.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';

/** Rules out of `IpPermissions.N`, or out of the flat parameters of old. */
export function readRules(
  engine: Engine,
  group: SecurityGroupRecord,
  input: Input,
  egress: boolean,
): NewRule[] {
  const permissions = input.objects('IpPermissions');
  const rules = [...permissions, ...(input.has('IpProtocol') ? [input] : [])].flatMap((permission) =>
    readPermission(engine, group, permission, egress),
  );
  for (const { cidrIpv4 } of rules) {
    if (cidrIpv4 !== undefined && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidrIpv4)) {
      throw new ServiceError('InvalidParameterValue', `CIDR block ${cidrIpv4} is malformed`);
    }
  }
  return rules;
}

function readPermission(
  engine: Engine,
  group: SecurityGroupRecord,
  input: Input,
  egress: boolean,
): NewRule[] {
  const base = {
    egress,
    protocol: input.require('IpProtocol').toLowerCase(),
    fromPort: input.int('FromPort'),
    toPort: input.int('ToPort'),
  };
  const peer = (id?: string, name?: string) =>
    groupByIdOrName(engine, { id, name, vpcId: group.vpcId }).groupId;
  const ranges = (list: string, key: string, field: 'cidrIpv4' | 'cidrIpv6' | 'prefixListId') =>
    input.objects(list).map((range) => ({
      ...base,
      [field]: range.require(key),
      description: range.text('Description'),
    }));
  return [
    ...(input.has('CidrIp') ? [{ ...base, cidrIpv4: input.text('CidrIp') }] : []),
    ...(input.has('SourceSecurityGroupName')
      ? [{ ...base, peerGroupId: peer(undefined, input.text('SourceSecurityGroupName')) }]
      : []),
    ...ranges('IpRanges', 'CidrIp', 'cidrIpv4'),
    ...ranges('Ipv6Ranges', 'CidrIpv6', 'cidrIpv6'),
    ...ranges('PrefixListIds', 'PrefixListId', 'prefixListId'),
    ...input.objects('Groups').map((pair) => ({
      ...base,
      peerGroupId: peer(pair.text('GroupId'), pair.text('GroupName')),
      description: pair.text('Description'),
    })),
  ];
}

/** Rules as `ipPermissions`: one entry per protocol and port range. */
export function permissionsView(engine: Engine, rules: SecurityGroupRule[]): Record<string, unknown>[] {
  const groups = new Map<string, SecurityGroupRule[]>();
  for (const rule of rules) {
    const key = `${rule.protocol}/${rule.fromPort}/${rule.toPort}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()].map((members) => {
    const { protocol, fromPort, toPort } = members[0] as SecurityGroupRule;
    const having = (field: 'cidrIpv4' | 'cidrIpv6' | 'prefixListId' | 'peerGroupId') =>
      members.filter((rule) => rule[field] !== undefined);
    return {
      ipProtocol: protocol,
      fromPort,
      toPort,
      groups: having('peerGroupId').map((rule) => ({
        userId: engine.account,
        groupId: rule.peerGroupId,
        description: rule.description,
      })),
      ipRanges: having('cidrIpv4').map((rule) => ({
        cidrIp: rule.cidrIpv4,
        description: rule.description,
      })),
      ipv6Ranges: having('cidrIpv6').map((rule) => ({
        cidrIpv6: rule.cidrIpv6,
        description: rule.description,
      })),
      prefixListIds: having('prefixListId').map((rule) => ({
        prefixListId: rule.prefixListId,
        description: rule.description,
      })),
    };
  });
}

/** The element `securityGroupRuleSet.item`. */
export const ruleView = (engine: Engine, groupId: string, rule: SecurityGroupRule) => ({
  securityGroupRuleId: rule.ruleId,
  groupId,
  groupOwnerId: engine.account,
  isEgress: rule.egress,
  ipProtocol: rule.protocol,
  fromPort: rule.fromPort ?? -1,
  toPort: rule.toPort ?? -1,
  cidrIpv4: rule.cidrIpv4,
  cidrIpv6: rule.cidrIpv6,
  prefixListId: rule.prefixListId,
  referencedGroupInfo: rule.peerGroupId && { groupId: rule.peerGroupId, userId: engine.account },
  description: rule.description,
  tagSet: [],
});
