import { gunzipSync } from 'node:zlib';
import { ServiceError } from '../engine/errors.ts';

/** No more than this comes out of a compressed body. */
const LARGEST_TEXT = 16 * 1024 * 1024;

/** A request's body as text. Clients compress large ones where the service says so (CloudWatch's PutMetricData). */
export function bodyText(body: Buffer, encoding: string | undefined): string {
  if (encoding !== 'gzip') return body.toString('utf8');
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_TEXT }).toString('utf8');
  } catch {
    throw new ServiceError('SerializationException', 'The request body cannot be decompressed.');
  }
}
