import type { Tags } from '../../../engine/ec2/resources.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';

/** A list in a parameter of its own kind: `InstanceIds=["i-1"]`. Undefined when absent. Throws Invalid<name>.Malformed. */
export function jsonList(input: Input, name: string): string[] | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(String);
  } catch {}
  throw new ServiceError(
    `Invalid${name}.Malformed`,
    `The specified parameter "${name}" is not valid: a JSON array is expected.`,
  );
}

/** ECS: twenty tags a resource, 128 characters each. */
const MOST_TAGS = 20;
const LONGEST = 128;

/** `Tag.N.Key`, `Tag.N.Value`. Throws InvalidTagKey.Malformed, InvalidTagValue.Malformed, InvalidParameter.TooManyTags. */
export function tagsOf(input: Input, name = 'Tag'): Tags {
  const entries = input.objects(name).map((tag) => [tag.require('Key'), tag.text('Value') ?? ''] as const);
  for (const [key, value] of entries) {
    if (key.length > LONGEST || /^(aliyun|acs:)|https?:\/\//i.test(key))
      throw new ServiceError('InvalidTagKey.Malformed', `The specified tag key is not valid: ${key}`);
    if (value.length > LONGEST || /https?:\/\//i.test(value))
      throw new ServiceError('InvalidTagValue.Malformed', `The specified tag value is not valid: ${value}`);
  }
  if (entries.length > MOST_TAGS)
    throw new ServiceError('InvalidParameter.TooManyTags', `A resource has at most ${MOST_TAGS} tags.`);
  return Object.fromEntries(entries);
}

/** Whether a resource carries every tag that a listing asks for (without a value: any). */
export const carries = (tags: Tags, input: Input): boolean =>
  input.objects('Tag').every((tag) => {
    const value = tags[tag.text('Key') ?? ''];
    return value !== undefined && (!tag.has('Value') || value === tag.text('Value'));
  });

export const tagViews = (tags: Tags) => ({
  Tag: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
});

interface Page<T> {
  items: T[];
  view: { TotalCount: number; PageNumber: number; PageSize: number; NextToken: string };
}

/** By `PageNumber` and `PageSize`, or by `NextToken` and `MaxResults`, as the client likes. Throws InvalidPageSize, InvalidNextToken. */
export function pageOf<T>(input: Input, all: T[], most: number): Page<T> {
  const size = input.int('MaxResults') ?? input.int('PageSize') ?? 10;
  if (size < 1 || size > most)
    throw new ServiceError('InvalidPageSize.Malformed', `The page size must be between 1 and ${most}.`);
  const token = input.text('NextToken');
  const start = token === undefined ? ((input.int('PageNumber') ?? 1) - 1) * size : Number(token);
  if (!Number.isInteger(start) || start < 0)
    throw new ServiceError('InvalidNextToken.Malformed', 'The specified parameter NextToken is not valid.');
  const end = start + size;
  const view = {
    TotalCount: all.length,
    PageNumber: Math.floor(start / size) + 1,
    PageSize: size,
    NextToken: end < all.length ? String(end) : '',
  };
  return { items: all.slice(start, end), view };
}

/** ECS writes times without fractions: `2026-01-01T00:00:00Z`. */
export const utc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** A check without the deed: `DryRun=true` is answered with an error that means yes. */
export function endDryRun(input: Input): void {
  if (input.bool('DryRun'))
    throw new ServiceError(
      'DryRunOperation',
      'Request validation has been passed with DryRun flag set.',
      400,
    );
}
