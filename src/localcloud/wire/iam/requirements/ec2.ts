import { launchTemplates } from '../../../engine/ec2/launch-templates.ts';
import { ec2Arn, TYPES, tagRequirements, tagsOfResource } from './ec2-resources.ts';
import { launchRequirements, passRole } from './launch.ts';
import { type Asked, objectsOf, type Requirement, requestTags, tagsOf, textsOf } from './requirement.ts';

/** Parameters that name resources by their ids. */
const ID_PARAMETERS = [
  'InstanceId',
  'ImageId',
  'VolumeId',
  'SnapshotId',
  'GroupId',
  'LaunchTemplateId',
  'KeyPairId',
  'SubnetId',
  'VpcId',
  'ResourceId',
  'SourceImageId',
  'SourceSnapshotId',
  'SpotInstanceRequestId',
];

/** What an operation makes, by resource type. */
const MAKES: Record<string, string[]> = {
  CreateImage: ['image', 'snapshot'],
  CopyImage: ['image', 'snapshot'],
  RegisterImage: ['image'],
  CreateSnapshot: ['snapshot'],
  CreateSnapshots: ['snapshot'],
  CopySnapshot: ['snapshot'],
  CreateVolume: ['volume'],
  CreateLaunchTemplate: ['launch-template'],
  CreateSecurityGroup: ['security-group'],
  CreateKeyPair: ['key-pair'],
  ImportKeyPair: ['key-pair'],
  RequestSpotInstances: ['spot-instances-request'],
};

/**
 * Source: service authorization reference, "Actions, resources, and condition keys for Amazon EC2". What is described is
 * asked for as a whole; what is made has no id yet; tags in the making call need `ec2:CreateTags` besides.
 */
export function ec2Requirements(asked: Asked): Requirement[] {
  const { operation, input } = asked;
  const action = `ec2:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }];
  if (operation === 'RunInstances') return launchRequirements(asked, input);
  const tagging = operation === 'CreateTags' || operation === 'DeleteTags';
  const asking = tagging ? requestTags(tagsOf(input, 'Tag')) : {};
  const specifications = specifiedTags(asked);
  const named = [...idsOf(asked)].map((id) => ({
    action,
    resource: ec2Arn(asked, TYPES[id.split('-')[0] as string] ?? '*', id),
    context: { ...tagsOfResource(asked.engine, id), ...asking },
  }));
  const made = (MAKES[operation] ?? []).map((type) => ({
    action,
    resource: ec2Arn(asked, type, input.text('KeyName') ?? '*'),
    context: requestTags(specifications[type] ?? {}),
  }));
  const needed = [...named, ...made];
  return [
    ...(needed.length > 0 ? needed : [{ action, resource: '*' }]),
    ...tagRequirements(asked, specifications, operation),
    ...(GIVES_PROFILE.includes(operation) ? passRole(asked, profileOf(input)) : []),
  ];
}

/** Hand an instance profile to an instance that is there already. */
const GIVES_PROFILE = ['AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation'];

function profileOf(input: Asked['input']): { Arn?: string; Name?: string } {
  const profile = input.object('IamInstanceProfile');
  return { Arn: profile?.text('Arn'), Name: profile?.text('Name') };
}

function idsOf({ engine, input }: Asked): Set<string> {
  const ids = ID_PARAMETERS.flatMap((name) => textsOf(input, name));
  const template = input.has('LaunchTemplateName') ? input.text('LaunchTemplateName') : undefined;
  const known = launchTemplates(engine).filter(({ templateName }) => templateName === template)[0];
  // A name that is being given to a new one is not known.
  return new Set(known ? [...ids, known.templateId] : ids);
}

/** Tag specifications, by resource type. */
const specifiedTags = ({ input }: Asked): Record<string, Record<string, string>> =>
  Object.fromEntries(
    objectsOf(input, 'TagSpecification').map((one) => [one.text('ResourceType') ?? '', tagsOf(one, 'Tag')]),
  );
