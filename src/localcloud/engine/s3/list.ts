import type { Engine } from '../engine.ts';
import { findBucket, type ObjectRecord, objectsOf } from './records.ts';

export interface Listing {
  objects: ObjectRecord[];
  /** Keys rolled up to the delimiter after the prefix. */
  commonPrefixes: string[];
  /** The last key or common prefix given, when there is more. */
  next: string | undefined;
}

/**
 * Objects and common prefixes in the order of their UTF-8 bytes, at most `most` of both together, after `after` (a key, or a
 * common prefix, whose keys are then all left out). @throws NoSuchBucket
 */
export function listObjects(
  engine: Engine,
  bucket: string,
  query: { prefix: string; delimiter: string; after: string; most: number },
): Listing {
  findBucket(engine, bucket);
  const { prefix, delimiter, after, most } = query;
  const found = objectsOf(engine, bucket)
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const listing: Listing = { objects: [], commonPrefixes: [], next: undefined };
  let last: string | undefined;
  for (const object of found) {
    const common = commonPrefix(object.key, prefix, delimiter);
    const entry = common ?? object.key;
    if (entry === last || entry === after) continue;
    if (Buffer.compare(Buffer.from(object.key), Buffer.from(after)) <= 0) continue;
    if (listing.objects.length + listing.commonPrefixes.length === most) {
      listing.next = last;
      break;
    }
    if (common === undefined) listing.objects.push(object);
    else listing.commonPrefixes.push(common);
    last = entry;
  }
  return listing;
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
