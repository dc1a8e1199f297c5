import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { Table } from '../store.ts';

export interface BucketRecord {
  name: string;
  region: string;
  createdAt: number;
  tags: Record<string, string>;
}

/** A file (or, without a directory, a buffer) that holds a body or a part of one. Bytes. */
export interface Piece {
  id: string;
  size: number;
}

/** What a client says about an object and gets back with it. */
export interface ObjectFacts {
  /** `content-type`, `cache-control` …, as they came. */
  headers: Record<string, string>;
  /** `x-amz-meta-*`, without the prefix. */
  metadata: Record<string, string>;
  tags: Record<string, string>;
  storageClass: string;
}

export interface ObjectRecord extends ObjectFacts {
  key: string;
  size: number;
  /** Without its quotes. */
  etag: string;
  /** In order; several after a multipart upload. */
  pieces: Piece[];
  modifiedAt: number;
  /** Of the whole body: name of the header `x-amz-checksum-*`'s end, and its value. */
  checksum?: { algorithm: string; value: string };
}

export interface UploadRecord extends ObjectFacts {
  uploadId: string;
  bucket: string;
  key: string;
  startedAt: number;
  /** As asked for at its start: CRC32 …, if at all. */
  checksumAlgorithm?: string;
}

export interface PartRecord {
  number: number;
  etag: string;
  piece: Piece;
  modifiedAt: number;
}

export const buckets = (engine: Engine) => engine.store.table<BucketRecord>('s3Buckets');

/** By key. Bodies of a bucket's objects. */
export const objectsOf = (engine: Engine, bucket: string): Table<ObjectRecord> =>
  engine.store.table<ObjectRecord>(`s3Objects/${bucket}`);

export const uploads = (engine: Engine) => engine.store.table<UploadRecord>('s3Uploads');

/** By number. */
export const partsOf = (engine: Engine, uploadId: string): Table<PartRecord> =>
  engine.store.table<PartRecord>(`s3Parts/${uploadId}`);

/** @throws NoSuchBucket */
export function findBucket(engine: Engine, name: string): BucketRecord {
  const bucket = buckets(engine).get(name);
  if (!bucket) throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  return bucket;
}

/** @throws NoSuchBucket, NoSuchKey */
export function findObject(engine: Engine, bucket: string, key: string): ObjectRecord {
  findBucket(engine, bucket);
  const object = objectsOf(engine, bucket).get(key);
  if (!object) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  return object;
}
