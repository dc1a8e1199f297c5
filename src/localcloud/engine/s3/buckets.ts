import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { dropBody, dropForgotten } from './bodies.ts';
import { type BucketRecord, buckets, findBucket, objectsOf, partsOf, uploads } from './records.ts';

/** Source: S3 user guide, "Bucket naming rules". @throws InvalidBucketName, BucketAlreadyOwnedByYou */
export function createBucket(engine: Engine, name: string, region: string): BucketRecord {
  if (!/^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.');
  if (buckets(engine).has(name)) {
    throw new ServiceError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
    );
  }
  return buckets(engine).put(name, { name, region, createdAt: engine.clock.now(), tags: {} });
}

/** Uploads that were never completed go with it. @throws NoSuchBucket, BucketNotEmpty */
export function deleteBucket(engine: Engine, name: string): void {
  findBucket(engine, name);
  if (objectsOf(engine, name).size > 0)
    throw new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
  for (const { uploadId, bucket } of uploads(engine).all()) if (bucket === name) dropUpload(engine, uploadId);
  buckets(engine).delete(name);
}

/** Forgets an upload and, unless they have become an object's, its parts' bodies. */
export function dropUpload(engine: Engine, uploadId: string, kept: Set<string> = new Set()): void {
  const parts = partsOf(engine, uploadId);
  const all = parts.all();
  dropBody(
    engine,
    all.map(({ piece }) => piece).filter(({ id }) => !kept.has(id)),
  );
  for (const { number } of all) parts.delete(String(number));
  uploads(engine).delete(uploadId);
}

/** Removes what a killed daemon left of bodies that were still being written. */
export function installS3(engine: Engine): void {
  const known = new Set<string>();
  for (const { name } of buckets(engine).all())
    for (const [, { pieces }] of objectsOf(engine, name).entries())
      for (const { id } of pieces) known.add(id);
  for (const { uploadId } of uploads(engine).all())
    for (const { piece } of partsOf(engine, uploadId).all()) known.add(piece.id);
  dropForgotten(engine, known);
}
