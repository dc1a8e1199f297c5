import { ServiceError } from '../../engine/errors.ts';
import type { WriteConditions } from '../../engine/s3/objects.ts';
import type { ObjectRecord } from '../../engine/s3/records.ts';
import type { RestRequest } from '../service.ts';
import { unquoted } from './shapes.ts';

type Headers = RestRequest['headers'];

export const writeConditions = (headers: Headers): WriteConditions => ({
  ifMatch: headers['if-match'] && unquoted(headers['if-match']),
  ifNoneMatch: headers['if-none-match'] && unquoted(headers['if-none-match']),
});

/** Conditions of a read, in RFC 9110's order. `prefix` for those on the source of a copy. @throws PreconditionFailed, NotModified */
export function checkConditions(headers: Headers, object: ObjectRecord, prefix = ''): void {
  const header = (name: string) => headers[`${prefix}${name}`];
  const failed = new ServiceError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
  );
  const same = prefix === '' ? new ServiceError('NotModified', 'Not Modified', 304) : failed;
  const listed = (text: string) =>
    text.split(',').some((tag) => tag.trim() === '*' || unquoted(tag.trim()) === object.etag);
  const changedSince = (text: string) => Math.floor(object.modifiedAt / 1_000) * 1_000 > Date.parse(text);

  const match = header('if-match');
  const unmodified = header('if-unmodified-since');
  if (match !== undefined ? !listed(match) : unmodified !== undefined && changedSince(unmodified))
    throw failed;
  const noneMatch = header('if-none-match');
  const modified = header('if-modified-since');
  if (noneMatch !== undefined ? listed(noneMatch) : modified !== undefined && !changedSince(modified))
    throw same;
}

/** The bytes that `Range` asks for, both ends included; undefined for all. More ranges than one: all. @throws InvalidRange */
export function rangeOf(headers: Headers, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range?.replace(/\s/g, '') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '') return within(Math.max(0, size - Number(last)), size - 1, size);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return last !== '' && Number(last) < Number(first) ? undefined : within(Number(first), end, size);
}

function within(start: number, end: number, size: number) {
  if (start >= size) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start, end };
}
