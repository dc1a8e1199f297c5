import { essGroups } from '../../../../engine/ess/records.ts';
import { type Asked, type Requirement, textsOf } from '../../../iam/requirements/requirement.ts';
import { acs, resourceTags } from './resources.ts';

/**
 * Scaling groups by their ids; hooks, rules and scheduled tasks by ids of their own, which belong to no group in a policy.
 * Instances are launched by the role of the service itself. Source: Auto Scaling "Resource-level authentication".
 */
export function essRequirements(asked: Asked): Requirement[] {
  const { engine, operation, input } = asked;
  const action = `ess:${operation}`;
  const group = (id: string): Requirement => ({
    action,
    resource: acs(asked, 'ess', 'scalinggroup', id),
    context: resourceTags(
      Object.fromEntries((essGroups(engine).get(id)?.tags ?? []).map(({ key, value }) => [key, value])),
      'ess',
    ),
  });
  if (/^(Describe|List)/.test(operation)) return [{ action, resource: '*' }];
  if (operation === 'CreateScalingGroup') return [group('*')];
  const ids = ['ScalingGroupId', 'ResourceIds'].flatMap((name) => textsOf(input, name));
  return ids.length > 0 ? ids.map(group) : [{ action, resource: '*' }];
}
