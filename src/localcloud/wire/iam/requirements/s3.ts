import { objectsOf as storedObjects } from '../../../engine/s3/records.ts';
import { type Asked, type Requirement, textsOf } from './requirement.ts';

/** Where the permission is not called like the operation. Source: S3 user guide, "Required permissions for Amazon S3 API operations". */
const ACTIONS: Record<string, string> = {
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  CompleteMultipartUpload: 's3:PutObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  DeleteObjects: 's3:DeleteObject',
  HeadBucket: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  ListBuckets: 's3:ListAllMyBuckets',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListObjects: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListParts: 's3:ListMultipartUploadParts',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
};

export function s3Requirements({ engine, operation, input }: Asked): Requirement[] {
  const action = ACTIONS[operation] ?? `s3:${operation}`;
  const [bucket = ''] = textsOf(input, 'Bucket');
  const [key] = textsOf(input, 'Key');
  const [source] = textsOf(input, 'CopySource');
  const [prefix = ''] = textsOf(input, 'Prefix');
  const [delimiter] = textsOf(input, 'Delimiter');
  if (bucket === '') return [{ action, resource: '*' }];
  const resource = `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
  const own: Requirement = {
    action,
    // The keys are in the body, which is read later: whoever deletes several may delete any.
    resource: operation === 'DeleteObjects' ? `${resource}/*` : resource,
    context: {
      ...(action === 's3:ListBucket' && { 's3:prefix': prefix }),
      ...(delimiter !== undefined && { 's3:delimiter': delimiter }),
      ...existingTags(engine, bucket, key),
    },
  };
  if (source === undefined) return [own];
  const from = decodeURIComponent(source.replace(/^\//, '').replace(/\?.*$/, ''));
  return [own, { action: 's3:GetObject', resource: `arn:aws:s3:::${from}` }];
}

function existingTags(engine: Asked['engine'], bucket: string, key: string | undefined) {
  const tags = key === undefined ? undefined : storedObjects(engine, bucket).get(key)?.tags;
  return Object.fromEntries(
    Object.entries(tags ?? {}).map(([name, value]) => [`s3:ExistingObjectTag/${name}`, value]),
  );
}
