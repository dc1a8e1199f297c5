import { createHash } from 'node:crypto';
import { ServiceError } from '../../engine/errors.ts';
import type { ObjectRecord } from '../../engine/s3/records.ts';
import type { RestRequest } from '../service.ts';
import { CHECKSUMS } from './checksums.ts';
import { chunkedBody } from './chunks.ts';

export interface CheckedBody {
  chunks: AsyncIterable<Buffer>;
  /** Of the body, once it has come to its end: the one that the client gave, or else CRC-64/NVME as S3 itself adds. */
  checksum(): ObjectRecord['checksum'];
}

/**
 * A request's body without its transfer encoding. Its iteration ends with an error unless the body is what the headers and
 * trailers say of it. @throws (in iteration) XAmzContentSHA256Mismatch, BadDigest, IncompleteBody, SignatureDoesNotMatch
 */
export function bodyOf({ headers, body, signing }: RestRequest): CheckedBody {
  const kind = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const trailers = new Map<string, string>();
  const signed = kind.startsWith('STREAMING-AWS4-HMAC-SHA256') ? signing : undefined;
  const source = kind.startsWith('STREAMING-') ? chunkedBody(body, signed, trailers) : body;
  const given = algorithmOf(headers);
  const algorithm = given ?? 'crc64nvme';
  let value: string | undefined;

  async function* checked() {
    const sum = CHECKSUMS[algorithm]!();
    const sha256 = createHash('sha256');
    const md5 = createHash('md5');
    let size = 0;
    for await (const chunk of source) {
      size += chunk.length;
      sum.update(chunk);
      if (/^[0-9a-f]{64}$/.test(kind)) sha256.update(chunk);
      if (headers['content-md5'] !== undefined) md5.update(chunk);
      yield chunk;
    }
    value = sum.value();
    const expected = given && (headers[`x-amz-checksum-${given}`] ?? trailers.get(`x-amz-checksum-${given}`));
    if (expected !== undefined && expected !== value)
      throw new ServiceError(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    if (/^[0-9a-f]{64}$/.test(kind) && sha256.digest('hex') !== kind)
      throw new ServiceError(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    if (headers['content-md5'] !== undefined && md5.digest('base64') !== headers['content-md5'])
      throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    const length = headers['x-amz-decoded-content-length'];
    if (length !== undefined && Number(length) !== size)
      throw new ServiceError(
        'IncompleteBody',
        'You did not provide the number of bytes specified by the Content-Length HTTP header',
      );
  }

  return {
    chunks: checked(),
    checksum: () => (value === undefined ? undefined : { algorithm, value }),
  };
}

/** The one that a header or the announced trailer carries. */
function algorithmOf(headers: RestRequest['headers']): string | undefined {
  const trailers = (headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.keys(CHECKSUMS).find(
    (name) => headers[`x-amz-checksum-${name}`] !== undefined || trailers.includes(`x-amz-checksum-${name}`),
  );
}
