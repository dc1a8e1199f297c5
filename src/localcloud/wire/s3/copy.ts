import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import { openBody } from '../../engine/s3/bodies.ts';
import { findUpload, putPart } from '../../engine/s3/multipart.ts';
import { putObject, wholeBody } from '../../engine/s3/objects.ts';
import { findObject, type ObjectRecord } from '../../engine/s3/records.ts';
import { checkConditions, rangeOf } from './conditions.ts';
import { checksumHeaders, factsOf, quoted, type S3Call, type S3Operation } from './shapes.ts';

/** `x-amz-copy-source`: /bucket/key or bucket/key, encoded; versions are not kept. */
export function copySource(text: string): { bucket: string; key: string } {
  const match = /^\/?([^/]+)\/(.+?)(?:\?versionId=.*)?$/.exec(text);
  if (!match)
    throw new ServiceError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  try {
    return { bucket: decodeURIComponent(match[1]!), key: decodeURIComponent(match[2]!) };
  } catch {
    throw new ServiceError('InvalidArgument', 'Invalid copy source encoding.');
  }
}

function sourceOf(engine: Engine, { headers }: S3Call): ObjectRecord {
  const { bucket, key } = copySource(headers['x-amz-copy-source'] ?? '');
  const source = findObject(engine, bucket, key);
  checkConditions(headers, source, 'x-amz-copy-source-');
  return source;
}

const result = ({ etag, modifiedAt }: { etag: string; modifiedAt: number }) => ({
  LastModified: new Date(modifiedAt),
  ETag: quoted(etag),
});

/** With the directive REPLACE the copy is what the request says of it, else what the source was. */
const CopyObject: S3Operation = async (call, { engine }) => {
  const { bucket, key, headers } = call;
  const source = sourceOf(engine, call);
  const replaces = headers['x-amz-metadata-directive'] === 'REPLACE';
  const from = copySource(headers['x-amz-copy-source'] ?? '');
  if (!replaces && from.bucket === bucket && from.key === key && !headers['x-amz-storage-class']) {
    throw new ServiceError(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const own = factsOf(headers);
  const facts = {
    headers: replaces ? own.headers : source.headers,
    metadata: replaces ? own.metadata : source.metadata,
    tags: headers['x-amz-tagging-directive'] === 'REPLACE' ? own.tags : source.tags,
    storageClass: own.storageClass,
  };
  const body = await wholeBody(engine, source);
  const copy = await putObject(engine, bucket, key, facts, body, { checksum: () => source.checksum });
  return { xml: ['CopyObjectResult', result(copy)], headers: checksumHeaders(copy.checksum) };
};

const UploadPartCopy: S3Operation = async (call, { engine }) => {
  const { bucket, key, parameters, headers } = call;
  const upload = findUpload(engine, bucket, key, parameters.get('uploadId') ?? '');
  const source = sourceOf(engine, call);
  const range = rangeOf({ range: headers['x-amz-copy-source-range'] }, source.size);
  const body = await openBody(engine, source.pieces, range ?? { start: 0, end: source.size - 1 });
  const part = await putPart(engine, upload, Number(parameters.get('partNumber')), body);
  return { xml: ['CopyPartResult', result(part)] };
};

export const copyOperations: Record<string, S3Operation> = { CopyObject, UploadPartCopy };
