import { TAGGABLE_TYPES, type Tags } from '../../engine/ec2/resources.ts';
import { checkUserTags } from '../../engine/ec2/tags.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';

/** Tags as every answer writes them. */
export const tagSet = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** `Tag.N.Key`, `Tag.N.Value`, as a user may send them. */
export function readTags(input: Input): Tags {
  const tags = Object.fromEntries(
    input.objects('Tag').map((tag) => [tag.require('Key'), tag.text('Value') ?? '']),
  );
  checkUserTags(tags);
  return tags;
}

/** Tags for what is being made, by resource type; only of the types that the operation makes. */
export function tagSpecifications(input: Input, types: string[] = TAGGABLE_TYPES): Record<string, Tags> {
  const byType: Record<string, Tags> = {};
  for (const specification of input.objects('TagSpecification')) {
    const type = specification.require('ResourceType');
    if (!types.includes(type)) {
      throw new ServiceError(
        'InvalidParameterValue',
        `'${type}' is not a valid taggable resource type for this operation.`,
      );
    }
    byType[type] = { ...byType[type], ...readTags(specification) };
  }
  return byType;
}
