import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';

type Value = string | number | boolean | undefined | (string | undefined)[];

/** Filter names of one describe operation, and what each looks at. */
export type FilterFields<T> = Record<string, (record: T) => Value>;

/**
 * The records that every filter of the request accepts; one of a filter's values has to match. `*` stands for any
 * characters, `?` for one, `\` takes their meaning away. `tag:KEY`, `tag-key` and `tag-value` are known wherever records have
 * tags. Throws InvalidParameterValue for unknown names. Source: EC2 user guide, "Filtering considerations".
 */
export function filtered<T extends object>(input: Input, records: T[], fields: FilterFields<T>): T[] {
  return input.objects('Filter').reduce((left, filter) => {
    const name = filter.require('Name');
    const read = Object.hasOwn(fields, name) ? fields[name] : tagField<T>(name);
    if (!read) throw new ServiceError('InvalidParameterValue', `The filter '${name}' is invalid`);
    const patterns = filter.list('Value').map(pattern);
    return left.filter((record) => {
      const value = read(record);
      const values = Array.isArray(value) ? value : [value];
      return values.some((one) => one !== undefined && patterns.some((p) => p.test(String(one))));
    });
  }, records);
}

const tagsOf = (record: object) => ('tags' in record ? (record.tags as Record<string, string>) : {});

function tagField<T extends object>(name: string): ((record: T) => Value) | undefined {
  if (name.startsWith('tag:')) return (record) => tagsOf(record)[name.slice(4)];
  if (name === 'tag-key') return (record) => Object.keys(tagsOf(record));
  if (name === 'tag-value') return (record) => Object.values(tagsOf(record));
  return undefined;
}

function pattern(text: string): RegExp {
  const source = text.replace(/\\([*?\\])|[\s\S]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return part.replace(/[.+^${}()|[\]\\/]/, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}
