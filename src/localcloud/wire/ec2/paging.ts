import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';

/**
 * One page of a listing. The token names the last item given, so that items that come or go between two pages move no
 * others. Throws InvalidParameterValue for MaxResults below `least`, InvalidNextToken.
 */
export function page<T>(
  input: Input,
  items: T[],
  idOf: (item: T) => string,
  least = 1,
): { items: T[]; nextToken?: string } {
  const size = input.int('MaxResults');
  if (size !== undefined && size < least) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value of at least ${least}.`,
    );
  }
  const start = position(input.text('NextToken'), items, idOf);
  const part = items.slice(start, size === undefined ? undefined : start + size);
  const last = part[part.length - 1];
  const more = start + part.length < items.length;
  return {
    items: part,
    nextToken:
      more && last !== undefined ? encode({ after: idOf(last), at: start + part.length }) : undefined,
  };
}

function position<T>(token: string | undefined, items: T[], idOf: (item: T) => string): number {
  if (token === undefined) return 0;
  const { after, at } = decode(token);
  const index = items.findIndex((item) => idOf(item) === after);
  return index >= 0 ? index + 1 : Math.min(at, items.length);
}

const encode = (token: { after: string; at: number }) =>
  Buffer.from(JSON.stringify(token)).toString('base64url');

function decode(token: string): { after: string; at: number } {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof value?.after === 'string' && Number.isInteger(value.at) && value.at >= 0) return value;
  } catch {}
  throw new ServiceError('InvalidNextToken', 'The specified NextToken is not valid.');
}
