import { images } from '../../../../engine/ec2/images.ts';
import { instances } from '../../../../engine/ec2/instance-record.ts';
import { securityGroups } from '../../../../engine/ec2/security-groups.ts';
import { snapshots } from '../../../../engine/ec2/snapshots.ts';
import { ecsTemplates } from '../../../../engine/ecs/templates.ts';
import type { Engine } from '../../../../engine/engine.ts';
import { type Asked, type Requirement, textsOf } from '../../../iam/requirements/requirement.ts';
import { inward } from '../../ids.ts';
import { acs, resourceTags } from './resources.ts';

type Tags = Record<string, string>;

/** Where an operation's resources are named, and what they are. One named nowhere is the type's `*`: it is being made. */
const NAMED: Record<string, [parameter: string, type: string][]> = {
  AuthorizeSecurityGroup: [],
  CancelCopyImage: [['ImageId', 'image']],
  // The source is not asked for. Source: ECS "RAM authorization".
  CopyImage: [['', 'image']],
  CreateImage: [
    ['', 'image'],
    ['InstanceId', 'instance'],
  ],
  CreateKeyPair: [['', 'keypair']],
  CreateLaunchTemplate: [['', 'launchtemplate']],
  CreateLaunchTemplateVersion: [['LaunchTemplateId', 'launchtemplate']],
  CreateSecurityGroup: [['', 'securitygroup']],
  DeleteImage: [['ImageId', 'image']],
  DeleteInstance: [['InstanceId', 'instance']],
  DeleteInstances: [['InstanceId', 'instance']],
  DeleteLaunchTemplate: [['LaunchTemplateId', 'launchtemplate']],
  DeleteLaunchTemplateVersion: [['LaunchTemplateId', 'launchtemplate']],
  DeleteSecurityGroup: [['SecurityGroupId', 'securitygroup']],
  DeleteSnapshot: [['SnapshotId', 'snapshot']],
  GetInstanceConsoleOutput: [['InstanceId', 'instance']],
  ImportKeyPair: [['', 'keypair']],
  ModifyImageAttribute: [['ImageId', 'image']],
  ModifyImageSharePermission: [['ImageId', 'image']],
  ModifyInstanceAttribute: [['InstanceId', 'instance']],
  ModifyInstanceAutoReleaseTime: [['InstanceId', 'instance']],
  ModifyLaunchTemplateDefaultVersion: [['LaunchTemplateId', 'launchtemplate']],
  RebootInstance: [['InstanceId', 'instance']],
  RunCommand: [['InstanceId', 'instance']],
  SendFile: [['InstanceId', 'instance']],
  StartInstance: [['InstanceId', 'instance']],
  StopInstance: [['InstanceId', 'instance']],
  StopInstances: [['InstanceId', 'instance']],
  StopInvocation: [['InstanceId', 'instance']],
};

/** Operations of ECS that RAM counts to VPC. */
const OF_VPC = ['DescribeVSwitches', 'DescribeVpcs'];

/**
 * Sources: ECS "RAM authorization" and, for RunInstances, "Authorization rules". What is listed is asked for as a whole and without
 * regard to tags; key pairs and launch templates are not told apart by tags either.
 */
export function ecsRequirements(asked: Asked): Requirement[] {
  const { operation, input } = asked;
  const action = `${OF_VPC.includes(operation) ? 'vpc' : 'ecs'}:${operation}`;
  if (/^(Describe|List)/.test(operation)) return [{ action, resource: '*' }];
  if (operation === 'RunInstances') return launchRequirements(asked);
  if (operation === 'DeleteKeyPairs') {
    const names: string[] = JSON.parse(input.text('KeyPairNames') ?? '[]');
    return names.map((name) => ({ action, resource: acs(asked, 'ecs', 'keypair', name) }));
  }
  const named =
    operation === 'TagResources' || operation === 'UntagResources'
      ? [['ResourceId', input.text('ResourceType') ?? '*'] as const]
      : (NAMED[operation] ?? []);
  const own = named.flatMap(([parameter, type]) => needs(asked, action, type, idsIn(asked, parameter)));
  if (operation === 'CreateSecurityGroup')
    own.push({ action, resource: acs(asked, 'vpc', 'vpc', input.text('VpcId') ?? '*') });
  return own.length > 0 ? own : [{ action, resource: '*' }];
}

/** A launch template may be called by its name. */
function idsIn({ engine, input }: Asked, parameter: string): string[] {
  const name = parameter === 'LaunchTemplateId' ? input.text('LaunchTemplateName') : undefined;
  return name === undefined
    ? textsOf(input, parameter)
    : ecsTemplates(engine)
        .filter((one) => one.name === name)
        .map(({ templateId }) => templateId);
}

function needs(asked: Asked, action: string, type: string, ids: string[]): Requirement[] {
  return (ids.length > 0 ? ids : ['*']).map((id) => ({
    action,
    resource: acs(asked, 'ecs', type, id),
    context: resourceTags(tagsOf(asked.engine, type, inward(id)), 'ecs'),
  }));
}

function tagsOf(engine: Engine, type: string, id: string): Tags {
  if (type === 'instance') return instances(engine).get(id)?.tags ?? {};
  if (type === 'image') return images(engine).get(id)?.tags ?? {};
  if (type === 'snapshot') return snapshots(engine).get(id)?.tags ?? {};
  if (type === 'securitygroup') return securityGroups(engine).get(id)?.tags ?? {};
  return {};
}

/** What is made and what is used; and whoever gives an instance a role has to be allowed to hand it over. */
function launchRequirements(asked: Asked): Requirement[] {
  const { input } = asked;
  const action = 'ecs:RunInstances';
  const uses = (parameters: string[], type: string) => {
    const ids = parameters.flatMap((name) => textsOf(input, name));
    return ids.length > 0 ? needs(asked, action, type, ids) : [];
  };
  return [
    { action, resource: acs(asked, 'ecs', 'instance', '*') },
    ...uses(['ImageId'], 'image'),
    ...uses(['SecurityGroupId', 'SecurityGroupIds'], 'securitygroup'),
    ...uses(['KeyPairName'], 'keypair'),
    ...uses(['LaunchTemplateId'], 'launchtemplate'),
    { action, resource: acs(asked, 'vpc', 'vswitch', input.text('VSwitchId') ?? '*') },
    ...textsOf(input, 'RamRoleName').map((role) => ({
      action: 'ram:PassRole',
      resource: acs({ ...asked, region: '*' }, 'ram', 'role', role),
      context: { 'acs:Service': 'ecs.aliyuncs.com' },
    })),
  ];
}
