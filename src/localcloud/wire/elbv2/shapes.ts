import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import { page } from '../page.ts';

export const invalid = (message: string) => new ServiceError('ValidationError', message);

/** Throws DuplicateTagKeys, TooManyTags. */
export function readTags(input: Input): Record<string, string> {
  const tags = input.objects('Tags').map((tag) => [tag.require('Key'), tag.text('Value') ?? ''] as const);
  const read = Object.fromEntries(tags);
  if (Object.keys(read).length < tags.length)
    throw new ServiceError('DuplicateTagKeys', 'A tag key was specified more than once');
  if (tags.length > 50) throw new ServiceError('TooManyTags', 'A resource can have up to 50 tags');
  return read;
}

/** Attributes as they stand in requests: keys and values. */
export const readAttributes = (input: Input): Record<string, string> =>
  Object.fromEntries(input.objects('Attributes').map((one) => [one.require('Key'), one.text('Value') ?? '']));

export const viewAttributes = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

/** Letters, digits and hyphens, up to 32. Throws ValidationError. */
export function readName(input: Input, what: string): string {
  const name = input.require('Name');
  if (!/^(?=.{1,32}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name)) {
    throw invalid(
      `${what} name '${name}' can have up to 32 letters, digits and hyphens, and must not begin or end with a hyphen`,
    );
  }
  return name;
}

/** Up to 400, from Marker on. */
export function pageOf<T>(input: Input, items: T[]) {
  const size = Math.min(Math.max(input.int('PageSize') ?? 400, 1), 400);
  return page(items, size, input.text('Marker'), {
    code: 'ValidationError',
    message: 'The marker is not valid',
  });
}

/**
 * The records that a request names by ARN or by name; without any, all. Throws the error that `missing` makes for the first that is
 * not there.
 */
export function selected<T>(
  all: T[],
  lists: { given: string[]; keyOf: (record: T) => string }[],
  missing: (key: string) => Error,
): T[] {
  const found = lists.flatMap(({ given, keyOf }) =>
    given.map((key) => {
      const record = all.find((one) => keyOf(one) === key);
      if (!record) throw missing(key);
      return record;
    }),
  );
  return lists.some(({ given }) => given.length > 0) ? [...new Set(found)] : all;
}
