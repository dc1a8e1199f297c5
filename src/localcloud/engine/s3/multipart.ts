import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { dropBody, keepBody } from './bodies.ts';
import { dropUpload } from './buckets.ts';
import { checkKey, store, type WriteConditions } from './objects.ts';
import {
  findBucket,
  type ObjectFacts,
  type ObjectRecord,
  type PartRecord,
  partsOf,
  type UploadRecord,
  uploads,
} from './records.ts';

/** Every part but the last. Source: S3 user guide, "Multipart upload limits". Bytes. */
const LEAST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export function createUpload(
  engine: Engine,
  bucket: string,
  key: string,
  facts: ObjectFacts,
  checksumAlgorithm: string | undefined,
): UploadRecord {
  findBucket(engine, bucket);
  checkKey(key);
  const uploadId = engine.ids.hex(48);
  const startedAt = engine.clock.now();
  return uploads(engine).put(uploadId, { ...facts, uploadId, bucket, key, startedAt, checksumAlgorithm });
}

/** @throws NoSuchUpload */
export function findUpload(engine: Engine, bucket: string, key: string, uploadId: string): UploadRecord {
  findBucket(engine, bucket);
  const upload = uploads(engine).get(uploadId);
  if (upload?.bucket !== bucket || upload.key !== key) {
    throw new ServiceError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    );
  }
  return upload;
}

/** The same number again replaces the part. */
export async function putPart(
  engine: Engine,
  { bucket, key, uploadId }: UploadRecord,
  number: number,
  body: AsyncIterable<Buffer>,
): Promise<PartRecord> {
  if (!(number >= 1 && number <= MOST_PARTS)) {
    throw new ServiceError(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
    );
  }
  const { piece, md5 } = await keepBody(engine, body);
  try {
    findUpload(engine, bucket, key, uploadId);
  } catch (error) {
    dropBody(engine, [piece]);
    throw error;
  }
  const parts = partsOf(engine, uploadId);
  const before = parts.get(String(number));
  const part = { number, etag: md5.toString('hex'), piece, modifiedAt: engine.clock.now() };
  parts.put(String(number), part);
  if (before) dropBody(engine, [before.piece]);
  return part;
}

export const sortedParts = (engine: Engine, uploadId: string): PartRecord[] =>
  partsOf(engine, uploadId)
    .all()
    .sort((a, b) => a.number - b.number);

/** Makes the listed parts one object. @throws InvalidPart, InvalidPartOrder, EntityTooSmall, MalformedXML */
export function completeUpload(
  engine: Engine,
  upload: UploadRecord,
  listed: { number: number; etag: string }[],
  conditions: WriteConditions,
): ObjectRecord {
  if (listed.length === 0)
    throw new ServiceError('MalformedXML', 'You must specify at least one part in the request.');
  if (listed.some(({ number }, at) => number <= (listed[at - 1]?.number ?? 0)))
    throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  const parts = listed.map(({ number, etag }) => {
    const part = partsOf(engine, upload.uploadId).get(String(number));
    if (part?.etag !== etag) {
      throw new ServiceError(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      );
    }
    return part;
  });
  if (parts.slice(0, -1).some(({ piece }) => piece.size < LEAST_PART)) {
    throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
  }
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
  const pieces = parts.map(({ piece }) => piece);
  const { headers, metadata, tags, storageClass, key } = upload;
  const object = store(
    engine,
    upload.bucket,
    {
      ...{ headers, metadata, tags, storageClass, key, pieces },
      size: pieces.reduce((sum, { size }) => sum + size, 0),
      etag: `${createHash('md5').update(digests).digest('hex')}-${parts.length}`,
      modifiedAt: engine.clock.now(),
    },
    conditions,
  );
  dropUpload(engine, upload.uploadId, new Set(pieces.map(({ id }) => id)));
  return object;
}
