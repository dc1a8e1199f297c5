import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBucket } from '../../../src/localcloud/engine/s3/buckets.ts';
import { buckets } from '../../../src/localcloud/engine/s3/records.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { plainRequest, signedRequest } from '../../helpers/signed-request.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
/** What was sent may have deleted it. */
function ensureBucket(): void {
  if (!buckets(cloud.engine).has('bucket')) createBucket(cloud.engine, 'bucket', 'eu-central-1');
}
afterAll(() => cloud.close());

const send = (method: string, path: string, query: string, body: string, headers = {}) =>
  signedRequest(cloud, {
    ...{ service: 's3', method, path, query, body },
    headers: {
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      ...headers,
    },
  });

const XML = [
  '<Delete><Object><Key>a</Key></Object></Delete>',
  '<Delete><Object/></Delete>',
  '<Delete>',
  '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>',
  '<CreateBucketConfiguration><LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>',
  '<!DOCTYPE a [<!ENTITY b "c">]><Delete>&b;</Delete>',
];

it('whatever is asked, the answer is an object, a list or an error in S3’s form, and never a defect', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'),
      fc.constantFrom(
        '/',
        '/bucket',
        '/bucket/',
        '/bucket/key',
        '/bucket//',
        '/none/key',
        '/b',
        '/bucket/a/b',
      ),
      fc.constantFrom(
        '',
        'acl=',
        'delete=',
        'list-type=2&max-keys=x',
        'list-type=2',
        'max-keys=-1',
        'partNumber=1&uploadId=x',
        'tagging=',
        'uploadId=x',
        'uploads=',
        'versioning=',
      ),
      fc.oneof(fc.constantFrom('', ...XML), fc.string({ unit: 'binary' })),
      fc.constantFrom(
        {},
        { range: 'bytes=5-1' },
        { range: 'bytes=-' },
        { 'x-amz-copy-source': 'x' },
        { 'x-amz-copy-source': '/bucket/%zz' },
        { 'content-md5': 'AAAA' },
        { 'if-match': 'x' },
        { 'x-amz-trailer': 'x-amz-checksum-crc32' },
        { 'x-amz-decoded-content-length': '7' },
      ),
      async (method, path, query, body, headers) => {
        ensureBucket();
        const answer = await send(method, path, query, body, headers);
        expect(answer.body).not.toContain('InternalError');
        expect([500, 502, 504]).not.toContain(answer.status);
        if (answer.status >= 400 && method !== 'HEAD')
          expect(answer.body).toMatch(/^<\?xml[^>]+>\n<Error><Code>\w+<\/Code>/);
      },
    ),
    { numRuns: 300 },
  );
});

it('a body that is not what its header says is refused, and nothing of it is kept', async () => {
  ensureBucket();
  const ofAnother = createHash('md5').update('right').digest('base64');
  const answer = await send('PUT', '/bucket/tampered', '', 'wrong', { 'content-md5': ofAnother });
  expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('BadDigest')]);
  expect((await send('GET', '/bucket/tampered', '', '')).status).toBe(404);
});

it('a stranger gets an error in S3’s form where that can be known', async () => {
  const url = '/bucket/key?X-Amz-Signature=x&X-Amz-Credential=AKIAX/20260101/eu-central-1/s3/aws4_request';
  const answer = await plainRequest(cloud, { method: 'GET', target: url });
  expect([answer.status, answer.body]).toEqual([
    400,
    expect.stringContaining('<Code>AuthorizationQueryParametersError</Code>'),
  ]);
});
