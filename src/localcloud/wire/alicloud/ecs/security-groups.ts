import { defaultVpc } from '../../../engine/ec2/network.ts';
import {
  authorize,
  createSecurityGroup,
  deleteSecurityGroup,
} from '../../../engine/ec2/security-group-changes.ts';
import { securityGroups } from '../../../engine/ec2/security-groups.ts';
import type { Operation } from '../../service.ts';
import { carries, jsonList, pageOf, tagsOf, tagViews } from './input.ts';

const CreateSecurityGroup: Operation = (input, { engine }) => {
  const name = input.text('SecurityGroupName') ?? engine.ids.hex(8);
  const { groupId } = createSecurityGroup(engine, {
    name,
    description: input.text('Description') ?? '',
    vpcId: input.text('VpcId') ?? defaultVpc(engine).vpcId,
    tags: tagsOf(input),
  });
  return { SecurityGroupId: groupId };
};

/** A rule that is there already is no error. */
const AuthorizeSecurityGroup: Operation = (input, { engine }) => {
  const [from = '1', to = from] = input.require('PortRange').split('/');
  try {
    authorize(engine, input.require('SecurityGroupId'), [
      {
        egress: false,
        protocol: input.require('IpProtocol').toLowerCase(),
        fromPort: Number(from),
        toPort: Number(to),
        cidrIpv4: input.require('SourceCidrIp'),
        description: input.text('Description'),
      },
    ]);
  } catch (error) {
    if ((error as { code?: string }).code !== 'InvalidPermission.Duplicate') throw error;
  }
  return {};
};

const DescribeSecurityGroups: Operation = (input, { engine, region }) => {
  const [name, vpc, one] = [
    input.text('SecurityGroupName'),
    input.text('VpcId'),
    input.text('SecurityGroupId'),
  ];
  const ids = jsonList(input, 'SecurityGroupIds') ?? (one === undefined ? undefined : [one]);
  const found = securityGroups(engine).filter(
    (group) =>
      (ids === undefined || ids.includes(group.groupId)) &&
      (name === undefined || group.groupName === name) &&
      (vpc === undefined || group.vpcId === vpc) &&
      carries(group.tags, input),
  );
  const { items, view } = pageOf(input, found, 100);
  return {
    ...view,
    RegionId: region,
    SecurityGroups: {
      SecurityGroup: items.map((group) => ({
        SecurityGroupId: group.groupId,
        SecurityGroupName: group.groupName,
        Description: group.description,
        VpcId: group.vpcId,
        Tags: tagViews(group.tags),
      })),
    },
  };
};

const DeleteSecurityGroup: Operation = (input, { engine }) => {
  deleteSecurityGroup(engine, input.require('SecurityGroupId'));
  return {};
};

export const securityGroupOperations: Record<string, Operation> = {
  CreateSecurityGroup,
  AuthorizeSecurityGroup,
  DescribeSecurityGroups,
  DeleteSecurityGroup,
};
