import { ServiceError } from '../engine/errors.ts';

/**
 * One page of a list. The token says where the next page begins; undefined at the end. Tokens are opaque to clients, and one that
 * is not ours is refused with the service's own code.
 */
export function page<T>(
  items: T[],
  size: number,
  token: string | undefined,
  invalid: { code: string; message: string },
): { items: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(/^from-(\d+)$/.exec(decode(token))?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw new ServiceError(invalid.code, invalid.message);
  const end = start + size;
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(`from-${end}`).toString('base64url') : undefined,
  };
}

const decode = (token: string) => Buffer.from(token, 'base64url').toString('utf8');
