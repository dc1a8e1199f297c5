import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkedBody } from '../../../src/localcloud/wire/s3/chunks.ts';
import { targetOf } from '../../../src/localcloud/wire/s3/route.ts';
import { hmac } from '../../../src/localcloud/wire/sigv4.ts';

/** The example that S3's reference gives ("Transferring Payload in Multiple Chunks"). */
const scope = '20130524/us-east-1/s3/aws4_request';
const signing = {
  key: scope.split('/').reduce(hmac, Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')),
  scope,
  amzDate: '20130524T000000Z',
  signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
};
const SIGNATURES = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
];
const [first, second, last] = [65_536, 1_024, 0].map(
  (size, at) => `${size.toString(16)};chunk-signature=${SIGNATURES[at]}\r\n${'a'.repeat(size)}\r\n`,
);
const encoded = `${first}${second}${last}`;

async function* inPieces(text: string | Buffer, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decode(text: string | Buffer, size = 1_000, signed = true, trailers = new Map()) {
  const chunks: Buffer[] = [];
  for await (const chunk of chunkedBody(inPieces(text, size), signed ? signing : undefined, trailers))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a body in signed chunks', () => {
  it('is what the chunks hold when every signature follows from the one before', async () => {
    expect(await decode(encoded)).toBe('a'.repeat(66_560));
  });

  it('is refused when a byte or the order of the chunks was changed', async () => {
    await expect(decode(encoded.replace('a\r\n400', 'b\r\n400'))).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(decode(`${second}${first}${last}`)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(decode('3\r\nabc\r\n0\r\n\r\n')).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe('a body in unsigned chunks', () => {
  it('is the same however it comes in pieces, with its trailing checksum', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        async (parts, size) => {
          const trailers = new Map<string, string>();
          const body = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('');
          const whole = `${body}0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n`;
          expect(await decode(whole, size, false, trailers)).toBe(Buffer.from(parts.join('')).toString());
          expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'AAAA']]);
        },
      ),
    );
  });

  it.each(['', '5\r\nabc', 'x\r\n\r\n', '3\r\nabcd\r\n', 'ffffffff\r\n'])(
    'is refused when it is %j',
    async (text) => {
      await expect(decode(text, 1_000, false)).rejects.toMatchObject({
        code: expect.stringMatching(/IncompleteBody|EntityTooLarge/),
      });
    },
  );
});

describe('a bucket', () => {
  const target = (host: string, path: string) =>
    targetOf({ method: 'GET', path, query: '', headers: { host }, body: inPieces('', 1) });

  it.each([
    ['127.0.0.1:4566', '/b/k/x', 'b', 'k/x'],
    ['localhost:4566', '/b', 'b', undefined],
    ['s3.localhost:4566', '/b/k', 'b', 'k'],
    ['my.bucket.s3.localhost:4566', '/k%20y/', 'my.bucket', 'k y/'],
    ['bucket.localhost', '/', 'bucket', undefined],
    ['bucket.s3.eu-central-1.localhost', '/k', 'bucket', 'k'],
  ])('asked of %s as %s is %s, key %s', (host, path, bucket, key) => {
    expect(target(host, path)).toEqual({ bucket, key });
  });
});
