import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { messageOf } from '../../run/errors.ts';
import type { Tags } from '../cloud.ts';
import { codeOf } from './errors.ts';

/** Tags as AWS writes them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Tags as bake writes them. */
export const tagRecord = (tags: { Key?: string; Value?: string }[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }: Tag) => [Key, Value]));

/** Filters for things that carry all of these tags; `*`, `?` and `\` in a value mean themselves. */
export const tagFilters = (tags: Record<string, string | string[]>): Filter[] =>
  Object.entries(tags).map(([key, value]) => ({
    Name: `tag:${key}`,
    Values: [value].flat().map((text) => text.replace(/[\\*?]/g, '\\$&')),
  }));

/**
 * Describes what exists of these ids. EC2 refuses the whole list for one unknown id, and names the unknown ones:
 * asks again without them. (By id, not by filter: a filter on image-id searches all public images.)
 */
export async function describeExisting<T>(
  ids: string[],
  unknownCodes: string[],
  describe: (ids: string[]) => Promise<T[]>,
): Promise<T[]> {
  let left = ids;
  while (left.length > 0) {
    try {
      return await describe(left);
    } catch (error) {
      if (!unknownCodes.includes(codeOf(error) ?? '')) throw error;
      if (left.length === 1) return [];
      const named = left.filter((id) => messageOf(error).includes(id));
      if (named.length === 0) {
        const each = await Promise.all(left.map((id) => describeExisting([id], unknownCodes, describe)));
        return each.flat();
      }
      left = left.filter((id) => !named.includes(id));
    }
  }
  return [];
}

/** Descriptions have empty lists where requests must have nothing: `Dimensions` beside `Metrics`. */
export function withoutEmptyLists<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(withoutEmptyLists) as T;
  const kept = Object.entries(value).filter(([, part]) => !(Array.isArray(part) && part.length === 0));
  return Object.fromEntries(kept.map(([name, part]) => [name, withoutEmptyLists(part)])) as T;
}
