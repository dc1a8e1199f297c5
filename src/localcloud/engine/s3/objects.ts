import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { dropBody, keepBody, openBody } from './bodies.ts';
import { findBucket, type ObjectFacts, type ObjectRecord, objectsOf } from './records.ts';

/** Keys are 1024 bytes of UTF-8 at most. */
const LONGEST_KEY = 1_024;

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY) throw new ServiceError('KeyTooLongError', 'Your key is too long');
}

/** Conditions of a write. Entity tags without quotes; `*` for any. */
export interface WriteConditions {
  ifMatch?: string;
  ifNoneMatch?: string;
}

/** Keeps a body under a key; what was there before is replaced at once, and only when the whole body has come. */
export async function putObject(
  engine: Engine,
  bucket: string,
  key: string,
  facts: ObjectFacts,
  body: AsyncIterable<Buffer>,
  more: { conditions?: WriteConditions; checksum?: () => ObjectRecord['checksum'] } = {},
): Promise<ObjectRecord> {
  findBucket(engine, bucket);
  checkKey(key);
  const { piece, md5 } = await keepBody(engine, body);
  const record: ObjectRecord = {
    ...facts,
    key,
    size: piece.size,
    etag: md5.toString('hex'),
    pieces: [piece],
    modifiedAt: engine.clock.now(),
    checksum: more.checksum?.(),
  };
  try {
    return store(engine, bucket, record, more.conditions);
  } catch (error) {
    dropBody(engine, record.pieces);
    throw error;
  }
}

/** @throws NoSuchBucket (removed meanwhile), PreconditionFailed, NoSuchKey */
export function store(
  engine: Engine,
  bucket: string,
  record: ObjectRecord,
  conditions: WriteConditions = {},
): ObjectRecord {
  findBucket(engine, bucket);
  const objects = objectsOf(engine, bucket);
  const present = objects.get(record.key);
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && !present)
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  const matches = (tag: string) => present !== undefined && (tag === '*' || tag === present.etag);
  if ((ifMatch !== undefined && !matches(ifMatch)) || (ifNoneMatch !== undefined && matches(ifNoneMatch))) {
    throw new ServiceError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    );
  }
  objects.put(record.key, record);
  if (present) dropBody(engine, present.pieces);
  return record;
}

/** Succeeds when there is nothing. @throws NoSuchBucket */
export function deleteObject(engine: Engine, bucket: string, key: string): void {
  findBucket(engine, bucket);
  const object = objectsOf(engine, bucket).get(key);
  if (!object) return;
  objectsOf(engine, bucket).delete(key);
  dropBody(engine, object.pieces);
}

export const wholeBody = (engine: Engine, object: ObjectRecord) =>
  openBody(engine, object.pieces, { start: 0, end: object.size - 1 });
