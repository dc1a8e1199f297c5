import { changeRules, type NewRule, sameRule } from '../../engine/ec2/security-group-changes.ts';
import { findSecurityGroup } from '../../engine/ec2/security-groups.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { readRules } from './permissions.ts';
import { targetGroup } from './security-groups.ts';

/** A rule's new contents: what it has but its direction; the peer is replaced by the one that is named. */
const contents = (rule: Input): Partial<NewRule> => ({
  protocol: rule.require('IpProtocol').toLowerCase(),
  fromPort: rule.int('FromPort'),
  toPort: rule.int('ToPort'),
  cidrIpv4: rule.text('CidrIpv4'),
  cidrIpv6: rule.text('CidrIpv6'),
  prefixListId: rule.text('PrefixListId'),
  peerGroupId: rule.text('ReferencedGroupId'),
  description: rule.text('Description'),
});

const ModifySecurityGroupRules: Operation = (input, { engine }) => {
  const { groupId } = findSecurityGroup(engine, input.require('GroupId'));
  const updates = input.objects('SecurityGroupRule');
  if (updates.length === 0) input.require('SecurityGroupRule');
  const changes = updates.map((update) => ({
    ruleId: update.require('SecurityGroupRuleId'),
    ...contents(update.object('SecurityGroupRule') ?? input.replaced({})),
  }));
  changeRules(engine, groupId, changes);
  return { return: true };
};

const describing =
  (egress: boolean): Operation =>
  (input, { engine }) => {
    const group = targetGroup(engine, input);
    const named = readRules(engine, group, input, egress).map((rule) => ({
      ruleId: sameRule(group, rule).ruleId,
      description: rule.description,
    }));
    const byId = input.objects('SecurityGroupRuleDescription').map((item) => ({
      ruleId: item.require('SecurityGroupRuleId'),
      description: item.text('Description'),
    }));
    changeRules(engine, group.groupId, [...named, ...byId]);
    return { return: true };
  };

export const securityGroupRuleOperations: Record<string, Operation> = {
  ModifySecurityGroupRules,
  UpdateSecurityGroupRuleDescriptionsIngress: describing(false),
  UpdateSecurityGroupRuleDescriptionsEgress: describing(true),
};
