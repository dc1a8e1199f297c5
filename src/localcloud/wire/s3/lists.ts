import { ServiceError } from '../../engine/errors.ts';
import { type Listing, listObjects } from '../../engine/s3/list.ts';
import type { ObjectRecord } from '../../engine/s3/records.ts';
import { Flat } from '../xml.ts';
import { quoted, type S3Call, type S3Operation } from './shapes.ts';

/** A thousand is the most that a page holds, and the default. */
export function mostOf({ parameters }: S3Call, name: string): number {
  const text = parameters.get(name) ?? '1000';
  if (!/^\d{1,9}$/.test(text))
    throw new ServiceError('InvalidArgument', `Provided ${name} not an integer or within integer range`);
  return Math.min(1_000, Number(text));
}

/** Keys may hold characters that XML cannot: clients ask for them encoded as in URLs. */
export function encoder({ parameters }: S3Call): (text: string) => string {
  const type = parameters.get('encoding-type');
  if (type !== null && type !== 'url')
    throw new ServiceError('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return type === null ? (text) => text : (text) => encodeURIComponent(text).replaceAll('%2F', '/');
}

const list = (call: S3Call) => ({
  prefix: call.parameters.get('prefix') ?? '',
  delimiter: call.parameters.get('delimiter') ?? '',
  most: mostOf(call, 'max-keys'),
});

const ListObjectsV2: S3Operation = (call, { engine }) => {
  const { parameters } = call;
  const token = parameters.get('continuation-token');
  const startAfter = parameters.get('start-after');
  const query = list(call);
  const after = token === null ? (startAfter ?? '') : decodeToken(token);
  const found = listObjects(engine, call.bucket, { ...query, after });
  const encode = encoder(call);
  return {
    xml: [
      'ListBucketResult',
      {
        ...common(call, found, query),
        KeyCount: found.objects.length + found.commonPrefixes.length,
        ContinuationToken: token ?? undefined,
        NextContinuationToken:
          found.next === undefined ? undefined : Buffer.from(found.next).toString('base64url'),
        StartAfter: startAfter === null ? undefined : encode(startAfter),
        ...contents(call, found, parameters.get('fetch-owner') === 'true' ? engine.account : undefined),
      },
    ],
  };
};

const ListObjects: S3Operation = (call, { engine }) => {
  const query = list(call);
  const marker = call.parameters.get('marker') ?? '';
  const found = listObjects(engine, call.bucket, { ...query, after: marker });
  const encode = encoder(call);
  return {
    xml: [
      'ListBucketResult',
      {
        ...common(call, found, query),
        Marker: encode(marker),
        // Without a delimiter clients go on after the last key.
        NextMarker: found.next === undefined || query.delimiter === '' ? undefined : encode(found.next),
        ...contents(call, found, engine.account),
      },
    ],
  };
};

function common(call: S3Call, { next }: Listing, query: ReturnType<typeof list>) {
  const encode = encoder(call);
  return {
    Name: call.bucket,
    Prefix: encode(query.prefix),
    Delimiter: query.delimiter === '' ? undefined : encode(query.delimiter),
    MaxKeys: query.most,
    EncodingType: call.parameters.get('encoding-type') ?? undefined,
    IsTruncated: next !== undefined,
  };
}

function contents(call: S3Call, { objects, commonPrefixes }: Listing, owner: string | undefined) {
  const encode = encoder(call);
  const shape = (object: ObjectRecord) => ({
    Key: encode(object.key),
    LastModified: new Date(object.modifiedAt),
    ETag: quoted(object.etag),
    Size: object.size,
    Owner: owner && { ID: owner, DisplayName: 'local' },
    StorageClass: object.storageClass,
  });
  return {
    Contents: new Flat(objects.map(shape)),
    CommonPrefixes: new Flat(commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) }))),
  };
}

function decodeToken(token: string): string {
  if (!/^[\w-]+$/.test(token))
    throw new ServiceError('InvalidArgument', 'The continuation token provided is incorrect');
  return Buffer.from(token, 'base64url').toString('utf8');
}

export const listOperations: Record<string, S3Operation> = { ListObjects, ListObjectsV2 };
