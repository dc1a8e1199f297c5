import { groups } from '../../../engine/autoscaling/groups.ts';
import { members } from '../../../engine/autoscaling/members.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Context } from '../../../engine/iam/patterns.ts';
import type { Input } from '../../input.ts';
import { launchRequirements } from './launch.ts';
import { type Asked, objectsOf, type Requirement, requestTags, resourceTags, tagsOf } from './requirement.ts';

/**
 * Groups by name (or by an instance in them), their tags, and for a new template what it takes to launch from it.
 * Source: service authorization reference, "Amazon EC2 Auto Scaling".
 */
export function autoScalingRequirements(asked: Asked): Requirement[] {
  const { engine, operation, input } = asked;
  const action = `autoscaling:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }];
  const asking = requestTags(tagsOf(input, 'Tags'));
  const own = groupNames(engine, input).map((name) => ({
    action,
    resource: groupArn(engine, name),
    context: { ...groupTags(engine, name), ...asking },
  }));
  return [
    ...(own.length > 0 ? own : [{ action, resource: '*', context: asking }]),
    ...templatesOf(input).flatMap((holder) => launchRequirements(asked, holder)),
    ...rolesOf(input).map((resource) => ({
      action: 'iam:PassRole',
      resource,
      context: { 'iam:PassedToService': 'autoscaling.amazonaws.com' },
    })),
  ];
}

/** Roles by which lifecycle hooks are to notify. */
const rolesOf = (input: Input): string[] => {
  const hooks = [input, ...objectsOf(input, 'LifecycleHookSpecificationList')];
  return hooks.flatMap((hook) => (hook.has('RoleARN') ? (hook.text('RoleARN') ?? []) : []));
};

function groupNames(engine: Engine, input: Input): string[] {
  const name = input.has('AutoScalingGroupName') ? input.text('AutoScalingGroupName') : undefined;
  if (name !== undefined) return [name];
  const instanceId = typeof input.values.InstanceId === 'string' ? input.values.InstanceId : '';
  const member = members(engine).get(instanceId);
  if (member) return [member.group];
  const tagged = objectsOf(input, 'Tags').map((tag) => tag.text('ResourceId') ?? '');
  return [...new Set(tagged.filter((one) => one !== ''))];
}

const groupArn = (engine: Engine, name: string): string =>
  groups(engine).get(name)?.arn ??
  `arn:aws:autoscaling:${engine.region}:${engine.account}:autoScalingGroup:*:autoScalingGroupName/${name}`;

const groupTags = (engine: Engine, name: string): Context =>
  resourceTags(
    Object.fromEntries((groups(engine).get(name)?.tags ?? []).map(({ key, value }) => [key, value])),
    'autoscaling:ResourceTag',
  );

/** Structures with a member `LaunchTemplate` that the group is to launch from. */
function templatesOf(input: Input): Input[] {
  const desired = input.object('DesiredConfiguration');
  const mixed = input.object('MixedInstancesPolicy') ?? desired?.object('MixedInstancesPolicy');
  const inMixed = mixed?.object('LaunchTemplate')?.object('LaunchTemplateSpecification');
  const holders = [input, desired].filter((holder) => holder?.has('LaunchTemplate'));
  return [...(holders as Input[]), ...(inMixed ? [input.replaced({ LaunchTemplate: inMixed.values })] : [])];
}
