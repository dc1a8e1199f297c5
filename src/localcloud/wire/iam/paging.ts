import type { Input } from '../input.ts';
import { page } from '../page.ts';

/** A page of MaxItems (100 by default), as every list of IAM has it, under its own name. */
export function pageOf<T>(input: Input, name: string, items: T[], shape: (item: T) => unknown) {
  const size = Math.min(Math.max(1, input.int('MaxItems') ?? 100), 1_000);
  const found = page(items, size, input.text('Marker'), {
    code: 'ValidationError',
    message: 'Invalid marker',
  });
  return { [name]: found.items.map(shape), IsTruncated: found.next !== undefined, Marker: found.next };
}
