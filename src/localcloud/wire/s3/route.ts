import { ServiceError } from '../../engine/errors.ts';
import type { RestRequest } from '../service.ts';

export interface Target {
  bucket: string | undefined;
  key: string | undefined;
}

/**
 * Bucket and key: of the path (`/bucket/key`), or with the bucket in the host's name, where that ends with `localhost`
 * (`bucket.localhost:4566`, `bucket.s3.localhost`).
 */
export function targetOf({ path, headers }: RestRequest): Target {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const virtual = /^(.+?)(?:\.s3(?:[.-][a-z0-9-]+)?)?\.localhost$/.exec(host)?.[1];
  const inHost = virtual === undefined || /^s3([.-][a-z0-9-]+)?$/.test(virtual) ? undefined : virtual;
  const rest = path.replace(/^\//, '');
  const [first = '', key] = inHost === undefined ? split(rest) : [inHost, rest];
  return { bucket: first === '' ? undefined : decoded(first), key: key ? decoded(key) : undefined };
}

function split(path: string): [string, string?] {
  const at = path.indexOf('/');
  return at < 0 ? [path] : [path.slice(0, at), path.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

type Level = 'service' | 'bucket' | 'object';

/** Method, level, what the query must hold, operation; the first that fits. */
const ROUTES: [method: string, level: Level, parameters: string[], operation: string][] = [
  ['GET', 'service', [], 'ListBuckets'],
  ['PUT', 'bucket', [], 'CreateBucket'],
  ['HEAD', 'bucket', [], 'HeadBucket'],
  ['DELETE', 'bucket', [], 'DeleteBucket'],
  ['GET', 'bucket', ['location'], 'GetBucketLocation'],
  ['GET', 'bucket', ['versioning'], 'GetBucketVersioning'],
  ['GET', 'bucket', ['uploads'], 'ListMultipartUploads'],
  ['GET', 'bucket', ['list-type'], 'ListObjectsV2'],
  ['GET', 'bucket', [], 'ListObjects'],
  ['POST', 'bucket', ['delete'], 'DeleteObjects'],
  ['PUT', 'object', ['partNumber', 'uploadId'], 'UploadPart'],
  ['PUT', 'object', ['tagging'], 'PutObjectTagging'],
  ['PUT', 'object', [], 'PutObject'],
  ['GET', 'object', ['uploadId'], 'ListParts'],
  ['GET', 'object', ['tagging'], 'GetObjectTagging'],
  ['GET', 'object', [], 'GetObject'],
  ['HEAD', 'object', [], 'HeadObject'],
  ['DELETE', 'object', ['uploadId'], 'AbortMultipartUpload'],
  ['DELETE', 'object', ['tagging'], 'DeleteObjectTagging'],
  ['DELETE', 'object', [], 'DeleteObject'],
  ['POST', 'object', ['uploads'], 'CreateMultipartUpload'],
  ['POST', 'object', ['uploadId'], 'CompleteMultipartUpload'],
];

/** Parameters that ask for something else altogether when they are not answered. */
const SUBRESOURCES = new Set(
  'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select tagging torrent uploads versioning versions website delete location'.split(
    ' ',
  ),
);

/** The operation's name as the API has it; empty when there is none. */
export function operationNameOf(request: RestRequest, target: Target, parameters: URLSearchParams): string {
  const level: Level =
    target.bucket === undefined ? 'service' : target.key === undefined ? 'bucket' : 'object';
  const route = ROUTES.find(
    ([method, of, needed]) =>
      method === request.method && of === level && needed.every((name) => parameters.has(name)),
  );
  if (!route) return '';
  const [, , needed, name] = route;
  const other = [...parameters.keys()].find((key) => SUBRESOURCES.has(key) && !needed.includes(key));
  if (other !== undefined) return `${request.method} ?${other}`;
  const copies = request.headers['x-amz-copy-source'] !== undefined;
  if (copies && name === 'PutObject') return 'CopyObject';
  return copies && name === 'UploadPart' ? 'UploadPartCopy' : name;
}
