import type { Input } from '../input.ts';
import { page } from '../page.ts';

/** The page that a request asks for with MaxRecords and NextToken. Throws InvalidNextToken. */
export function pageOf<T>(input: Input, items: T[], size = 50, most = 100): { items: T[]; next?: string } {
  const asked = Math.min(Math.max(input.int('MaxRecords') ?? size, 1), most);
  return page(items, asked, input.text('NextToken'), {
    code: 'InvalidNextToken',
    message: 'The NextToken value is not valid.',
  });
}

/** Whether a thing passes all filters: of each one's values, one. Filters are `{ Name, Values }`. */
export function passes(input: Input, valuesOf: (name: string) => string[]): boolean {
  return input.objects('Filters').every((filter) => {
    const wanted = filter.list('Values');
    return valuesOf(filter.require('Name')).some((value) => wanted.includes(value));
  });
}
