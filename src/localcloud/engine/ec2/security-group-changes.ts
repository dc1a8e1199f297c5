import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { instances } from './instance-record.ts';
import { defaultVpc } from './network.ts';
import { findResource, type Tags } from './resources.ts';
import {
  findSecurityGroup,
  type SecurityGroupRecord,
  type SecurityGroupRule,
  securityGroups,
} from './security-groups.ts';

/** A new group lets everything out and nothing in. Throws InvalidGroup.Duplicate, InvalidVpcID.NotFound. */
export function createSecurityGroup(
  engine: Engine,
  request: { name: string; description: string; vpcId?: string; tags: Tags },
): SecurityGroupRecord {
  const vpcId = request.vpcId ?? defaultVpc(engine).vpcId;
  findResource(engine, 'vpc', vpcId);
  if (securityGroups(engine).filter((g) => g.vpcId === vpcId && g.groupName === request.name).length > 0) {
    throw new ServiceError(
      'InvalidGroup.Duplicate',
      `The security group '${request.name}' already exists for VPC '${vpcId}'`,
    );
  }
  const groupId = engine.ids.resource('sg');
  return securityGroups(engine).put(groupId, {
    groupId,
    groupName: request.name,
    description: request.description,
    vpcId,
    rules: [{ ruleId: engine.ids.resource('sgr'), egress: true, protocol: '-1', cidrIpv4: '0.0.0.0/0' }],
    tags: request.tags,
  });
}

/** Throws DependencyViolation while an instance or another group's rule refers to it, CannotDelete for a default group. */
export function deleteSecurityGroup(engine: Engine, groupId: string): void {
  const group = findSecurityGroup(engine, groupId);
  if (group.groupName === 'default') {
    throw new ServiceError(
      'CannotDelete',
      `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
    );
  }
  const inUse = instances(engine).filter(
    (instance) => instance.state !== 'terminated' && instance.securityGroupIds.includes(groupId),
  );
  const referredTo = securityGroups(engine).filter(
    (other) => other.groupId !== groupId && other.rules.some((rule) => rule.peerGroupId === groupId),
  );
  if (inUse.length > 0 || referredTo.length > 0) {
    throw new ServiceError('DependencyViolation', `resource ${groupId} has a dependent object`);
  }
  securityGroups(engine).delete(groupId);
}

export type NewRule = Omit<SecurityGroupRule, 'ruleId'>;

/** Adds rules, all or none. Throws InvalidPermission.Duplicate. */
export function authorize(engine: Engine, groupId: string, rules: NewRule[]): SecurityGroupRule[] {
  const group = findSecurityGroup(engine, groupId);
  const known = new Set(group.rules.map(identity));
  for (const rule of rules) {
    if (known.has(identity(rule))) {
      throw new ServiceError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.peerGroupId ?? rule.prefixListId}" already exists`,
      );
    }
    known.add(identity(rule));
  }
  const added = rules.map((rule) => ({ ...rule, ruleId: engine.ids.resource('sgr') }));
  securityGroups(engine).patch(groupId, { rules: [...group.rules, ...added] });
  return added;
}

/** Removes rules by what they say or by their ids, all or none. Throws InvalidPermission.NotFound. */
export function revoke(
  engine: Engine,
  groupId: string,
  which: { rules: NewRule[]; ruleIds: string[] },
): SecurityGroupRule[] {
  const group = findSecurityGroup(engine, groupId);
  const find = (test: (rule: SecurityGroupRule) => boolean, code: string) => {
    const found = group.rules.find(test);
    if (!found) throw new ServiceError(code, 'The specified rule does not exist in this security group.');
    return found;
  };
  const gone = [
    ...which.rules.map((rule) =>
      find((other) => identity(other) === identity(rule), 'InvalidPermission.NotFound'),
    ),
    ...which.ruleIds.map((id) => find((other) => other.ruleId === id, 'InvalidSecurityGroupRuleId.NotFound')),
  ];
  securityGroups(engine).patch(groupId, { rules: group.rules.filter((rule) => !gone.includes(rule)) });
  return gone;
}

/** Two rules that let the same through are the same, whatever their descriptions. */
const identity = (rule: NewRule) =>
  JSON.stringify([
    rule.egress,
    rule.protocol,
    rule.fromPort ?? -1,
    rule.toPort ?? -1,
    rule.cidrIpv4,
    rule.cidrIpv6,
    rule.prefixListId,
    rule.peerGroupId,
  ]);

/** Puts other contents under the ids of rules, all or none. Throws InvalidSecurityGroupRuleId.NotFound. */
export function changeRules(
  engine: Engine,
  groupId: string,
  changes: (Partial<NewRule> & { ruleId: string })[],
): void {
  const group = findSecurityGroup(engine, groupId);
  for (const { ruleId } of changes) {
    if (!group.rules.some((rule) => rule.ruleId === ruleId)) {
      throw new ServiceError(
        'InvalidSecurityGroupRuleId.NotFound',
        `The security group rule ID '${ruleId}' does not exist`,
      );
    }
  }
  const changed = new Map(changes.map((change) => [change.ruleId, change]));
  securityGroups(engine).patch(groupId, {
    rules: group.rules.map((rule) => ({ ...rule, ...changed.get(rule.ruleId) })),
  });
}

/** The rule of a group that lets the same through. Throws InvalidPermission.NotFound. */
export function sameRule(group: SecurityGroupRecord, rule: NewRule): SecurityGroupRule {
  const found = group.rules.find((other) => identity(other) === identity(rule));
  if (found) return found;
  throw new ServiceError(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );
}
