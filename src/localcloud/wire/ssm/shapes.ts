import type { Input } from '../input.ts';
import { page } from '../page.ts';

/** A time as AWS JSON writes it: seconds since the epoch. */
export const seconds = (ms: number): number => ms / 1_000;

export interface Filter {
  key: string;
  option: string;
  values: string[];
}

/** A list of filters, which SSM spells in several ways. A single value may stand where a list is. */
export function filtersOf(
  input: Input,
  name: string,
  names: { key: string; values: string } = { key: 'Key', values: 'Values' },
): Filter[] {
  return input.objects(name).map((filter) => ({
    key: filter.require(names.key),
    option: filter.text('Option') ?? 'Equals',
    values: Array.isArray(filter.values[names.values])
      ? filter.list(names.values)
      : [filter.text(names.values) ?? ''],
  }));
}

/** A page of MaxResults, at most `most`. */
export function pageOf<T>(items: T[], input: Input, most: number) {
  const size = Math.min(Math.max(1, input.int('MaxResults') ?? most), most);
  return page(items, size, input.text('NextToken'), {
    code: 'InvalidNextToken',
    message: 'The specified token is not valid.',
  });
}
