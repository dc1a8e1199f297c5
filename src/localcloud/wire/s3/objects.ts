import { ServiceError } from '../../engine/errors.ts';
import { openBody } from '../../engine/s3/bodies.ts';
import { deleteObject, putObject } from '../../engine/s3/objects.ts';
import { findObject, type ObjectRecord } from '../../engine/s3/records.ts';
import { Flat } from '../xml.ts';
import { bodyOf } from './body.ts';
import { checkConditions, rangeOf, writeConditions } from './conditions.ts';
import {
  checksumHeaders,
  elements,
  factsOf,
  headersOf,
  quoted,
  type S3Call,
  type S3Operation,
  xmlBody,
} from './shapes.ts';

const PutObject: S3Operation = async ({ bucket, key, headers, request }, { engine }) => {
  const { chunks, checksum } = bodyOf(request);
  const conditions = writeConditions(headers);
  const object = await putObject(engine, bucket, key, factsOf(headers), chunks, { conditions, checksum });
  return { headers: { etag: quoted(object.etag), ...checksumHeaders(object.checksum) } };
};

/** Headers that a presigned URL may lay over the object's own. */
const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

function answerHeaders({ parameters, headers }: S3Call, object: ObjectRecord, whole: boolean) {
  const overlaid = OVERRIDES.flatMap((name) => {
    const value = parameters.get(`response-${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  const wanted = headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  return {
    ...headersOf(object),
    ...Object.fromEntries(overlaid),
    ...(wanted && whole && checksumHeaders(object.checksum)),
  };
}

const GetObject: S3Operation = async (call, { engine }) => {
  const object = findObject(engine, call.bucket, call.key);
  checkConditions(call.headers, object);
  const range = rangeOf(call.headers, object.size);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  return {
    status: range ? 206 : 200,
    headers: {
      ...answerHeaders(call, object, range === undefined),
      'content-length': String(end - start + 1),
      ...(range && { 'content-range': `bytes ${start}-${end}/${object.size}` }),
    },
    body: await openBody(engine, object.pieces, { start, end }),
  };
};

const HeadObject: S3Operation = (call, { engine }) => {
  const object = findObject(engine, call.bucket, call.key);
  checkConditions(call.headers, object);
  const range = rangeOf(call.headers, object.size);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  return {
    status: range ? 206 : 200,
    headers: {
      ...answerHeaders(call, object, range === undefined),
      'content-length': String(end - start + 1),
    },
  };
};

const DeleteObject: S3Operation = ({ bucket, key }, { engine }) => {
  deleteObject(engine, bucket, key);
  return { status: 204 };
};

/** A thousand keys at most. */
const DeleteObjects: S3Operation = async ({ bucket, request }, { engine }) => {
  const content = await xmlBody(request, 'Delete');
  const keys = elements(content.Object).map(({ Key }) => String(Key ?? ''));
  if (keys.length === 0 || keys.length > 1_000)
    throw new ServiceError('MalformedXML', 'A request deletes between 1 and 1000 objects.');
  for (const key of keys) deleteObject(engine, bucket, key);
  const deleted = new Flat(keys.map((Key) => ({ Key })));
  return { xml: ['DeleteResult', String(content.Quiet) === 'true' ? {} : { Deleted: deleted }] };
};

export const objectOperations: Record<string, S3Operation> = {
  PutObject,
  GetObject,
  HeadObject,
  DeleteObject,
  DeleteObjects,
};
