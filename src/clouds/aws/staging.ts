import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Staging } from '../cloud.ts';
import type { Connection } from './connection.ts';

/** Objects in an S3 bucket. */
export function staging(aws: Connection): Staging {
  const s3 = aws.client(S3Client);
  return {
    async put({ bucket: Bucket, key: Key, bytes: Body, ttl }) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      return getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: Math.ceil(ttl / 1000) });
    },

    async remove(Bucket, Key) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    },

    async list(Bucket, Prefix) {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      }
      return keys;
    },
  };
}
