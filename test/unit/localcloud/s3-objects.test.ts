import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListPartsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const Bucket = 'files';
let directory: string;
let cloud: TestCloud;
let s3: S3Client;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bake-s3-'));
  cloud = await startCloud({ directory });
  s3 = new S3Client(cloud.client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterEach(async () => {
  s3.destroy();
  await cloud.close();
  await rm(directory, { recursive: true });
});

const put = (Key: string, Body: string | Buffer, more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more = {}) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Body!.transformToString();
};
const files = () => readdir(join(directory, 's3'));

describe('an object', () => {
  it('comes back as it was put, with what was said about it', async () => {
    const { ETag } = await put('a/ö b+c.txt', 'hello', {
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      Metadata: { kind: 'test' },
      Tagging: 'team=ops&env=a%20b',
    });
    expect(ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/ö b+c.txt' }));
    expect(found).toMatchObject({
      ...{ ContentType: 'text/plain', CacheControl: 'no-cache', ContentLength: 5, ETag },
      ...{ Metadata: { kind: 'test' }, TagCount: 2 },
    });
    expect(found.ContentEncoding).toBeUndefined();
    expect(await found.Body!.transformToString()).toBe('hello');
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'a/ö b+c.txt' }));
    expect(TagSet).toEqual([
      { Key: 'team', Value: 'ops' },
      { Key: 'env', Value: 'a b' },
    ]);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'is accepted with the checksum that the client makes by %s, streamed or not, and refused with a wrong one',
    async (ChecksumAlgorithm) => {
      const name = `Checksum${ChecksumAlgorithm}`;
      if (ChecksumAlgorithm !== 'CRC64NVME') {
        const body = Buffer.alloc(200_000, 'x');
        const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)], {
          objectMode: false,
        });
        await put('streamed', stream as unknown as Buffer, {
          ContentLength: body.length,
          ChecksumAlgorithm,
        });
        await put('whole', body, { ChecksumAlgorithm });
        expect(await get('streamed', { ChecksumMode: 'ENABLED' })).toBe(body.toString());
        const [one, other] = await Promise.all(
          ['streamed', 'whole'].map((Key) =>
            s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' })),
          ),
        );
        expect(one![name as 'ChecksumCRC32']).toBeTruthy();
        expect(one![name as 'ChecksumCRC32']).toBe(other![name as 'ChecksumCRC32']);
      }
      await expect(put('wrong', 'body', { [name]: 'AAAAAAAA' })).rejects.toMatchObject({
        name: 'BadDigest',
      });
      await expect(get('wrong')).rejects.toMatchObject({ name: 'NoSuchKey' });
    },
  );

  it('is checked by CRC-64/NVME and CRC-32C as their test vectors have it', async () => {
    await put('vector', '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
    await put('vector', '123456789', { ChecksumCRC32C: '4waSgw==' });
    expect(await get('vector')).toBe('123456789');
  });

  it('is given in part for a range, and not at all for one beyond its end', async () => {
    await put('digits', '0123456789');
    expect(await get('digits', { Range: 'bytes=2-4' })).toBe('234');
    expect(await get('digits', { Range: 'bytes=7-' })).toBe('789');
    expect(await get('digits', { Range: 'bytes=-2' })).toBe('89');
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=2-4' }));
    expect(part.ContentRange).toBe('bytes 2-4/10');
    await expect(get('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('is read and written under conditions', async () => {
    const { ETag } = await put('c', 'one');
    await expect(put('c', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put('c', 'two', { IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(get('c', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('c', { IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await get('c', { IfMatch: ETag })).toBe('one');
    expect(await files()).toHaveLength(1);
  });

  it('is copied with what is said about it, or with something else', async () => {
    await put('from', 'body', { Metadata: { a: '1' } });
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'same', CopySource: `${Bucket}/from` }));
    await s3.send(
      new CopyObjectCommand({
        ...{ Bucket, Key: 'other', CopySource: `/${Bucket}/from` },
        ...{ MetadataDirective: 'REPLACE', Metadata: { b: '2' } },
      }),
    );
    const same = await s3.send(new HeadObjectCommand({ Bucket, Key: 'same' }));
    const other = await s3.send(new HeadObjectCommand({ Bucket, Key: 'other' }));
    expect([same.Metadata, other.Metadata]).toEqual([{ a: '1' }, { b: '2' }]);
    expect(await get('other')).toBe('body');
  });

  it('leaves no file behind when it is replaced or deleted', async () => {
    await put('a', 'one');
    await put('a', 'two');
    await put('b', 'three');
    expect(await files()).toHaveLength(2);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'x' }] } }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
    expect(await files()).toHaveLength(0);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('outlives a restart', async () => {
    await put('kept', 'still here');
    await cloud.close();
    cloud = await startCloud({ directory });
    s3 = new S3Client(cloud.client);
    expect(await get('kept')).toBe('still here');
  });
});

describe('a list', () => {
  it('rolls up keys at the delimiter, page by page, in the order of bytes', async () => {
    for (const key of ['b', 'a/1', 'a/2', 'a/sub/3', 'Z', 'ä', 'a b', 'c/x']) await put(key, 'x');
    const keys: unknown[] = [];
    for await (const { Contents = [], CommonPrefixes = [] } of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Delimiter: '/', EncodingType: 'url' },
    )) {
      keys.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix));
    }
    expect(keys.map((key) => decodeURIComponent(key as string))).toEqual(['Z', 'a b', 'b', 'a/', 'ä', 'c/']);
    const below = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'a/', Delimiter: '/' }));
    expect(below.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
    expect(below.CommonPrefixes).toEqual([{ Prefix: 'a/sub/' }]);
  });

  it('names the buckets and where they are', async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBe('eu-central-1');
  });
});

describe('a multipart upload', () => {
  const Key = 'large';
  const part = (fill: string) => Buffer.alloc(5 * 1024 * 1024, fill);

  it('becomes one object of its parts, ranges across them included', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'a/b' }));
    await put('source', 'xxcopiedxx');
    const upload = async (PartNumber: number, Body: Buffer | string) => {
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      return { ETag, PartNumber };
    };
    const Parts = [await upload(1, part('a')), await upload(2, part('b'))];
    const copied = await s3.send(
      new UploadPartCopyCommand({
        ...{ Bucket, Key, UploadId, PartNumber: 3, CopySource: `${Bucket}/source` },
        CopySourceRange: 'bytes=2-7',
      }),
    );
    Parts.push({ ETag: copied.CopyPartResult!.ETag, PartNumber: 3 });
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed.Parts?.map(({ Size }) => Size)).toEqual([5_242_880, 5_242_880, 6]);
    const MultipartUpload = { Parts };
    const done = await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }),
    );
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect(await get(Key, { Range: 'bytes=5242878-5242881' })).toBe('aabb');
    expect(await get(Key, { Range: 'bytes=-8' })).toBe('bbcopied');
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentLength: 10_485_766,
      ContentType: 'a/b',
    });
  });

  it('refuses parts that are missing or too small, and leaves nothing when it is aborted', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const parts = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const sent = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'small' });
        return { PartNumber, ETag: (await s3.send(sent)).ETag };
      }),
    );
    const complete = (Parts: { PartNumber: number; ETag?: string }[]) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    await expect(complete(parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([{ PartNumber: 3, ETag: '"x"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete([...parts].reverse())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await files()).toHaveLength(0);
    await expect(complete(parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('a presigned URL', () => {
  it('gives and takes an object without any other credentials, for as long as it holds', async () => {
    const up = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'by url' }), { expiresIn: 60 });
    expect((await fetch(up, { method: 'PUT', body: 'posted' })).status).toBe(200);
    const download = new GetObjectCommand({
      ...{ Bucket, Key: 'by url', ResponseContentDisposition: 'attachment' },
    });
    const down = await getSignedUrl(s3, download, { expiresIn: 60 });
    const answer = await fetch(down);
    expect(await answer.text()).toBe('posted');
    expect(answer.headers.get('content-disposition')).toBe('attachment');

    const changed = await fetch(down.replace('by%20url', 'other'));
    expect([changed.status, await changed.text()]).toEqual([
      403,
      expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    ]);
    const past = new Date(Date.now() - 120_000);
    const old = await getSignedUrl(s3, download, { expiresIn: 60, signingDate: past });
    expect(await (await fetch(old)).text()).toContain('<Message>Request has expired</Message>');
  });
});

describe('a refusal', () => {
  const other = (more: Partial<S3ClientConfig>) => new S3Client({ ...cloud.client, ...more });

  it('has the form that the client reads', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    await put('full', 'x');
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
    const stranger = other({ credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'x' } });
    await expect(stranger.send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    });
  });

  it('of a large body comes before the client has given up', async () => {
    const body = Buffer.alloc(30 * 1024 * 1024);
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'unknown', Key: 'x', Body: body })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
