import { defaultVpc } from '../../engine/ec2/network.ts';
import {
  authorize,
  createSecurityGroup,
  deleteSecurityGroup,
  revoke,
} from '../../engine/ec2/security-group-changes.ts';
import {
  findSecurityGroup,
  groupByIdOrName,
  type SecurityGroupRecord,
  type SecurityGroupRule,
  securityGroups,
} from '../../engine/ec2/security-groups.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { permissionsView, readRules, ruleView } from './permissions.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';

const arn = (engine: Engine, groupId: string) =>
  `arn:aws:ec2:${engine.region}:${engine.account}:security-group/${groupId}`;

/** The group that a request names; a name is looked for in the default network. */
export const targetGroup = (engine: Engine, input: Input): SecurityGroupRecord =>
  input.has('GroupId')
    ? findSecurityGroup(engine, input.require('GroupId'))
    : groupByIdOrName(engine, { name: input.text('GroupName'), vpcId: defaultVpc(engine).vpcId });

const CreateSecurityGroup: Operation = (input, { engine }) => {
  const { groupId, tags } = createSecurityGroup(engine, {
    name: input.require('GroupName'),
    description: input.require('GroupDescription'),
    vpcId: input.text('VpcId'),
    tags: tagSpecifications(input, ['security-group'])['security-group'] ?? {},
  });
  return { groupId, tagSet: tagSet(tags), securityGroupArn: arn(engine, groupId) };
};

const DeleteSecurityGroup: Operation = (input, { engine }) => {
  const { groupId } = targetGroup(engine, input);
  deleteSecurityGroup(engine, groupId);
  return { return: true, groupId };
};

/** What the rules of one direction say. */
function ruleFields(engine: Engine, prefix: string, egress: boolean): FilterFields<SecurityGroupRecord> {
  const of =
    (read: (rule: SecurityGroupRule) => string | number | undefined) => (group: SecurityGroupRecord) =>
      group.rules.filter((rule) => rule.egress === egress).map((rule) => read(rule)?.toString());
  return {
    [`${prefix}.cidr`]: of((r) => r.cidrIpv4),
    [`${prefix}.ipv6-cidr`]: of((r) => r.cidrIpv6),
    [`${prefix}.prefix-list-id`]: of((r) => r.prefixListId),
    [`${prefix}.protocol`]: of((r) => r.protocol),
    [`${prefix}.from-port`]: of((r) => r.fromPort),
    [`${prefix}.to-port`]: of((r) => r.toPort),
    [`${prefix}.group-id`]: of((r) => r.peerGroupId),
    [`${prefix}.group-name`]: of((r) => securityGroups(engine).get(r.peerGroupId ?? '')?.groupName),
    [`${prefix}.user-id`]: of((r) => r.peerGroupId && engine.account),
  };
}

const DescribeSecurityGroups: Operation = (input, { engine }) => {
  const named = [
    ...input.list('GroupId').map((id) => findSecurityGroup(engine, id)),
    ...input
      .list('GroupName')
      .map((name) => groupByIdOrName(engine, { name, vpcId: defaultVpc(engine).vpcId })),
  ];
  const all = !input.has('GroupId') && !input.has('GroupName');
  const found = filtered(input, all ? securityGroups(engine).all() : named, {
    'group-id': (g) => g.groupId,
    'group-name': (g) => g.groupName,
    description: (g) => g.description,
    'vpc-id': (g) => g.vpcId,
    'owner-id': () => engine.account,
    ...ruleFields(engine, 'ip-permission', false),
    ...ruleFields(engine, 'egress.ip-permission', true),
  });
  const { items, nextToken } = page(input, found, (g) => g.groupId, 5);
  return {
    securityGroupInfo: items.map((group) => ({
      ownerId: engine.account,
      groupId: group.groupId,
      groupName: group.groupName,
      groupDescription: group.description,
      vpcId: group.vpcId,
      securityGroupArn: arn(engine, group.groupId),
      ipPermissions: permissionsView(
        engine,
        group.rules.filter((rule) => !rule.egress),
      ),
      ipPermissionsEgress: permissionsView(
        engine,
        group.rules.filter((rule) => rule.egress),
      ),
      tagSet: tagSet(group.tags),
    })),
    nextToken,
  };
};

const DescribeSecurityGroupRules: Operation = (input, { engine }) => {
  const ids = input.list('SecurityGroupRuleId');
  const rules = securityGroups(engine)
    .all()
    .flatMap(({ groupId, rules }) => rules.map((rule) => ({ groupId, rule })))
    .filter(({ rule }) => ids.length === 0 || ids.includes(rule.ruleId));
  const found = filtered(input, rules, {
    'group-id': ({ groupId }) => groupId,
    'security-group-rule-id': ({ rule }) => rule.ruleId,
  });
  const { items, nextToken } = page(input, found, ({ rule }) => rule.ruleId, 5);
  return {
    securityGroupRuleSet: items.map(({ groupId, rule }) => ruleView(engine, groupId, rule)),
    nextToken,
  };
};

const authorizing =
  (egress: boolean): Operation =>
  (input, { engine }) => {
    const group = targetGroup(engine, input);
    const added = authorize(engine, group.groupId, readRules(engine, group, input, egress));
    return {
      return: true,
      securityGroupRuleSet: added.map((rule) => ruleView(engine, group.groupId, rule)),
    };
  };

const revoking =
  (egress: boolean): Operation =>
  (input, { engine }) => {
    const group = targetGroup(engine, input);
    const gone = revoke(engine, group.groupId, {
      rules: readRules(engine, group, input, egress),
      ruleIds: input.list('SecurityGroupRuleId'),
    });
    return {
      return: true,
      unknownIpPermissionSet: [],
      revokedSecurityGroupRuleSet: gone.map((rule) => {
        const {
          groupOwnerId: _,
          referencedGroupInfo: __,
          tagSet: ___,
          ...view
        } = ruleView(engine, group.groupId, rule);
        return { ...view, referencedGroupId: rule.peerGroupId };
      }),
    };
  };

export const securityGroupOperations: Record<string, Operation> = {
  CreateSecurityGroup,
  DeleteSecurityGroup,
  DescribeSecurityGroups,
  DescribeSecurityGroupRules,
  AuthorizeSecurityGroupIngress: authorizing(false),
  AuthorizeSecurityGroupEgress: authorizing(true),
  RevokeSecurityGroupIngress: revoking(false),
  RevokeSecurityGroupEgress: revoking(true),
};
