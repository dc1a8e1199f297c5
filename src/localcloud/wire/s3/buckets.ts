import { createBucket, deleteBucket } from '../../engine/s3/buckets.ts';
import { buckets, findBucket } from '../../engine/s3/records.ts';
import { Flat } from '../xml.ts';
import { type S3Operation, xmlBody } from './shapes.ts';

const ListBuckets: S3Operation = (_call, { engine }) => ({
  xml: [
    'ListAllMyBucketsResult',
    {
      Owner: { ID: engine.account, DisplayName: 'local' },
      Buckets: {
        Bucket: new Flat(
          buckets(engine)
            .all()
            .sort((a, b) => (a.name < b.name ? -1 : 1))
            .map(({ name, createdAt, region }) => ({
              Name: name,
              CreationDate: new Date(createdAt),
              BucketRegion: region,
            })),
        ),
      },
    },
  ],
});

const CreateBucket: S3Operation = async ({ bucket, request }, { engine }) => {
  const announced = Number(request.headers['content-length'] ?? 0) > 0;
  const wanted = announced ? await xmlBody(request, 'CreateBucketConfiguration') : {};
  createBucket(engine, bucket, String(wanted.LocationConstraint ?? engine.region));
  return { headers: { location: `/${bucket}` } };
};

const HeadBucket: S3Operation = ({ bucket }, { engine }) => ({
  headers: { 'x-amz-bucket-region': findBucket(engine, bucket).region },
});

const DeleteBucket: S3Operation = ({ bucket }, { engine }) => {
  deleteBucket(engine, bucket);
  return { status: 204 };
};

/** The first region of all is written as nothing. */
const GetBucketLocation: S3Operation = ({ bucket }, { engine }) => {
  const { region } = findBucket(engine, bucket);
  return { xml: ['LocationConstraint', region === 'us-east-1' ? '' : region] };
};

/** Never switched on. */
const GetBucketVersioning: S3Operation = ({ bucket }, { engine }) => {
  findBucket(engine, bucket);
  return { xml: ['VersioningConfiguration', {}] };
};

export const bucketOperations: Record<string, S3Operation> = {
  ListBuckets,
  CreateBucket,
  HeadBucket,
  DeleteBucket,
  GetBucketLocation,
  GetBucketVersioning,
};
