import { createHash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../engine/errors.ts';
import type { RestRequest } from '../service.ts';
import { hmac } from '../sigv4.ts';

const LONGEST_LINE = 16 * 1024;
/** S3 takes chunks of any size; a body in one chunk of more than this would fill the memory. Bytes. */
const LARGEST_CHUNK = 64 * 1024 * 1024;

const incomplete = () =>
  new ServiceError(
    'IncompleteBody',
    'The request body terminated unexpectedly, or is not encoded as aws-chunked.',
  );

const wrongSignature = () =>
  new ServiceError(
    'SignatureDoesNotMatch',
    'The chunk signature we calculated does not match the signature you provided.',
    403,
  );

/** Hands out lines and exact numbers of bytes of a stream. */
class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#source.next();
    if (done) throw incomplete();
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
  }

  async line(): Promise<string> {
    let end = this.#held.indexOf('\r\n');
    while (end < 0) {
      if (this.#held.length > LONGEST_LINE) throw incomplete();
      await this.#more();
      end = this.#held.indexOf('\r\n');
    }
    const text = this.#held.toString('utf8', 0, end);
    this.#held = this.#held.subarray(end + 2);
    return text;
  }

  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#held.length === 0) await this.#more();
      const part = this.#held.subarray(0, missing);
      this.#held = this.#held.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}

/**
 * The body inside of `Content-Encoding: aws-chunked`, chunk by chunk; with `signing`, each chunk's signature is checked, which
 * goes on from the one before. Trailing headers are put into `trailers`.
 * Source: S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".
 */
export async function* chunkedBody(
  source: AsyncIterable<Buffer>,
  signing: RestRequest['signing'] | undefined,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new Reader(source);
  let previous = signing?.signature ?? '';
  const check = (kind: string, given: string | undefined, ...hashes: string[]) => {
    if (!signing) return;
    const text = [kind, signing.amzDate, signing.scope, previous, ...hashes].join('\n');
    const expected = hmac(signing.key, text);
    const bytes = Buffer.from(given ?? '', 'hex');
    if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) throw wrongSignature();
    previous = expected.toString('hex');
  };
  for (;;) {
    const header = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line());
    if (!header) throw incomplete();
    const size = Number.parseInt(header[1]!, 16);
    if (size > LARGEST_CHUNK) throw new ServiceError('EntityTooLarge', 'The chunk is too large.');
    const chunk = await reader.bytes(size);
    check('AWS4-HMAC-SHA256-PAYLOAD', header[2], sha256(''), sha256(chunk));
    if (size === 0) break;
    if ((await reader.line()) !== '') throw incomplete();
    yield chunk;
  }
  let signed = '';
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const [name = '', value = ''] = line.split(/:(.*)/);
    if (name.toLowerCase() === 'x-amz-trailer-signature') {
      check('AWS4-HMAC-SHA256-TRAILER', value.trim(), sha256(signed));
      return;
    }
    trailers.set(name.trim().toLowerCase(), value.trim());
    signed += `${name.trim().toLowerCase()}:${value.trim()}\n`;
  }
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
