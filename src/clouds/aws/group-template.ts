import type { AutoScalingGroup, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import { messageOf } from '../../run/errors.ts';
import type { ScalingGroup } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { isContention } from './contention.ts';
import { withoutEmptyLists } from './describe.ts';
import { failedWith } from './errors.ts';

/** The name under which a new version is remembered as fresh. */
export const versionKey = (templateId: string, version: number): string => `${templateId}:${version}`;

/** A launch template that a group can be pointed at; `Version` is a string on the wire, and without it AWS takes `$Default`. */
export const templateSpecification = (template: { id: string; version: number }) => ({
  LaunchTemplateId: template.id,
  Version: String(template.version),
});

/**
 * What to send so that the group (or its refresh) takes this template version. A group with a mixed instances policy
 * needs the whole policy again: a launch template alone would replace it, and turn a spot fleet on-demand.
 */
export function pointedAt(
  group: AutoScalingGroup | undefined,
  template: { id: string; version: number },
):
  | { LaunchTemplate: ReturnType<typeof templateSpecification> }
  | { MixedInstancesPolicy: MixedInstancesPolicy } {
  const specification = templateSpecification(template);
  const policy = group?.MixedInstancesPolicy;
  if (!policy) return { LaunchTemplate: specification };
  const before = policy.LaunchTemplate?.LaunchTemplateSpecification;
  const Overrides = policy.LaunchTemplate?.Overrides?.map((override) => {
    const own = override.LaunchTemplateSpecification;
    if (!own?.LaunchTemplateId) return override;
    // The same version of the same template goes with it; another template is that instance type's own.
    const follows = own.LaunchTemplateId === before?.LaunchTemplateId && own.Version === before.Version;
    const Version = follows && own.LaunchTemplateId === template.id ? specification.Version : own.Version;
    // Answers carry id and name; requests take one of them.
    const { LaunchTemplateId } = own;
    return { ...override, LaunchTemplateSpecification: { LaunchTemplateId, Version } };
  });
  const { SpotInstancePools, ...distribution } = policy.InstancesDistribution ?? {};
  return {
    MixedInstancesPolicy: withoutEmptyLists({
      ...policy,
      LaunchTemplate: { LaunchTemplateSpecification: specification, Overrides },
      // AWS: pools are valid with the strategy lowest-price alone.
      InstancesDistribution: policy.InstancesDistribution && {
        ...distribution,
        ...((distribution.SpotAllocationStrategy ?? 'lowest-price') === 'lowest-price' && {
          SpotInstancePools,
        }),
      },
    }),
  };
}

/** The template that a group launches from, wherever it is written. */
export function templateOf(group: AutoScalingGroup): ScalingGroup['template'] {
  const specification =
    group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const version = specification?.Version ?? '$Default';
  return {
    id: specification?.LaunchTemplateId ?? '',
    name: specification?.LaunchTemplateName ?? '',
    version: version === '$Latest' || version === '$Default' ? version : Number(version),
  };
}

/** A version made a moment ago may be refused for a minute; an older one that is refused is wrong, but IAM may still lag. */
const FRESH_WINDOW = 60_000;
const SETTLED_WINDOW = 10_000;

/** Calls again while Auto Scaling does not know the template version yet, or is busy with the group. */
export function whileTemplateSettles<T>(
  aws: Connection,
  template: { id: string; version: number },
  call: () => Promise<T>,
): Promise<T> {
  const fresh = aws.isFresh(versionKey(template.id, template.version));
  return aws.again(
    call,
    (error) => isContention(error) || isUnformedTemplate(error),
    fresh ? FRESH_WINDOW : SETTLED_WINDOW,
  );
}

const isUnformedTemplate = (error: unknown): boolean =>
  failedWith(error, 'ValidationError') && /valid fully-formed launch template/i.test(messageOf(error));
