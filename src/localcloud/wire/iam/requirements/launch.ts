import { keyPairs } from '../../../engine/ec2/key-pairs.ts';
import type { LaunchTemplateData } from '../../../engine/ec2/launch-template-data.ts';
import { resolveTemplate } from '../../../engine/ec2/launch-templates.ts';
import { tagsByType } from '../../../engine/ec2/template-launch.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Context } from '../../../engine/iam/patterns.ts';
import { roleOfProfile } from '../../../engine/iam/records.ts';
import { LAUNCH_TEMPLATE_DATA } from '../../ec2/launch-members.ts';
import { readMembers } from '../../ec2/members.ts';
import type { Input } from '../../input.ts';
import { ec2Arn, tagRequirements, tagsOfResource } from './ec2-resources.ts';
import { type Asked, type Requirement, requestTags } from './requirement.ts';

/**
 * What it takes to launch instances: `ec2:RunInstances` on everything that is used and made, `ec2:CreateTags` for tags put on
 * at once, `iam:PassRole` for the instance profile's role. Auto Scaling asks the same of whoever gives a group its template.
 * Source: service authorization reference, EC2 RunInstances; EC2 Auto Scaling guide, "Launch template permissions".
 */
export function launchRequirements(asked: Asked, input: Input): Requirement[] {
  const { engine } = asked;
  const reference = input.object('LaunchTemplate');
  const template = reference
    ? resolveTemplate(engine, {
        id: reference.text('LaunchTemplateId'),
        name: reference.text('LaunchTemplateName'),
        version: reference.text('Version'),
      })
    : undefined;
  const own = asked.service === 'ec2' ? (readMembers(LAUNCH_TEMPLATE_DATA, input) as LaunchTemplateData) : {};
  const data: LaunchTemplateData = { ...template?.data, ...own };
  const tags = tagsByType([...(template?.data.TagSpecifications ?? []), ...(own.TagSpecifications ?? [])]);
  const templateArn = template && ec2Arn(asked, 'launch-template', template.templateId);
  const common: Context = {
    ...(templateArn && { 'ec2:LaunchTemplate': templateArn }),
    'ec2:IsLaunchTemplateResource': String(template !== undefined),
  };
  const needs = (type: string, id: string, context: Context = {}): Requirement => ({
    action: 'ec2:RunInstances',
    resource: ec2Arn(asked, type, id),
    context: { ...common, ...context },
  });
  const uses = (type: string, id: string | undefined): Requirement[] =>
    id === undefined ? [] : [needs(type, id, tagsOfResource(engine, id))];
  const [network] = data.NetworkInterfaces ?? [];
  const groups = [...(data.SecurityGroupIds ?? []), ...(network?.Groups ?? [])];
  return [
    ...uses('image', data.ImageId),
    needs('instance', '*', {
      ...requestTags(tags.instance ?? {}),
      ...instanceKeys(data),
    }),
    needs('volume', '*', requestTags(tags.volume ?? {})),
    needs('network-interface', '*', requestTags(tags['network-interface'] ?? {})),
    ...(groups.length > 0
      ? groups.flatMap((id) => uses('security-group', id))
      : [needs('security-group', '*')]),
    ...uses('subnet', subnetOf(asked, input, data) ?? '*'),
    ...(data.KeyName === undefined
      ? []
      : [needs('key-pair', data.KeyName, tagsOfKeyPair(engine, data.KeyName))]),
    // Evaluated where the request is tagged in the same call.
    ...(data.InstanceMarketOptions?.MarketType === 'spot' && tags['spot-instances-request']
      ? [needs('spot-instances-request', '*', requestTags(tags['spot-instances-request']))]
      : []),
    ...uses('launch-template', template?.templateId),
    ...tagRequirements(asked, tags, 'RunInstances'),
    ...passRole(asked, data.IamInstanceProfile),
  ];
}

function tagsOfKeyPair(engine: Engine, name: string): Context {
  const [pair] = keyPairs(engine).filter(({ keyName }) => keyName === name);
  return pair ? tagsOfResource(engine, pair.keyPairId) : {};
}

const subnetOf = ({ service }: Asked, input: Input, data: LaunchTemplateData) =>
  (service === 'ec2' ? input.text('SubnetId') : undefined) ?? data.NetworkInterfaces?.[0]?.SubnetId;

function instanceKeys(data: LaunchTemplateData): Context {
  const { HttpTokens, HttpPutResponseHopLimit } = data.MetadataOptions ?? {};
  return {
    'ec2:InstanceType': data.InstanceType ?? 'm1.small',
    ...(HttpTokens && { 'ec2:MetadataHttpTokens': HttpTokens }),
    ...(HttpPutResponseHopLimit && {
      'ec2:MetadataHttpPutResponseHopLimit': String(HttpPutResponseHopLimit),
    }),
  };
}

/** Whoever launches an instance with a profile hands over its role. */
export function passRole(asked: Asked, profile: LaunchTemplateData['IamInstanceProfile']): Requirement[] {
  const named = profile?.Arn ?? profile?.Name;
  if (named === undefined) return [];
  const { engine } = asked;
  return [
    {
      action: 'iam:PassRole',
      resource: `arn:aws:iam::${engine.account}:role/${roleOfProfile(engine, named)}`,
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    },
  ];
}
