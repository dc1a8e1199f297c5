import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../engine/errors.ts';
import type { SignedRequest } from '../sigv4.ts';

/** The parts of an `Authorization: ACS3-HMAC-SHA256 …` header. */
export interface Acs3Signature {
  accessKeyId: string;
  /** In the order in which they were signed. */
  signedHeaders: string[];
  /** Hexadecimal. */
  signature: string;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';

/** A request may be this old, or this far ahead. Source: Alibaba Cloud "V3 request structure and signature". */
const MOST_SKEW_MS = 15 * 60_000;

/** @throws IncompleteSignature, MissingAccessKeyId */
export function readAcs3(headers: SignedRequest['headers']): Acs3Signature {
  const header = headers.authorization?.trim();
  if (!header) throw new ServiceError('MissingAccessKeyId', 'AccessKeyId is mandatory for this action.', 400);
  const parts =
    /^ACS3-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (!parts)
    throw new ServiceError(
      'IncompleteSignature',
      'The request signature does not conform to Aliyun standards.',
      400,
    );
  const [, accessKeyId, signedHeaders, signature] = parts as unknown as [string, string, string, string];
  return { accessKeyId, signedHeaders: signedHeaders.split(';'), signature };
}

/** Throws unless the request was signed with this secret, just now, and all that matters is signed. */
export function verifyAcs3(
  request: SignedRequest,
  signature: Acs3Signature,
  secret: string,
  now: number,
): void {
  const { headers, body } = request;
  const date = headers['x-acs-date'] ?? '';
  const signedAt = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(signedAt) || Math.abs(now - signedAt) > MOST_SKEW_MS)
    throw new ServiceError('InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.', 400);
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-acs-'))];
  const unsigned = mustBeSigned.find((name) => !signature.signedHeaders.includes(name));
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const right =
    unsigned === undefined &&
    headers['x-acs-content-sha256'] === bodyHash &&
    timingSafeEqual(
      signAcs3(request, signature.signedHeaders, secret),
      Buffer.from(signature.signature, 'hex'),
    );
  if (right) return;
  throw new ServiceError(
    'SignatureDoesNotMatch',
    'Specified signature does not match our calculation. server string to sign is not what was signed.',
    400,
  );
}

/** What the signature of a request has to be. Source: Alibaba Cloud "V3 request structure and signature". */
export function signAcs3(request: SignedRequest, signedHeaders: string[], secret: string): Buffer {
  const { method, path, query, headers } = request;
  const canonical = [
    method,
    path,
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    headers['x-acs-content-sha256'] ?? '',
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  return createHmac('sha256', secret).update(`${ALGORITHM}\n${digest}`).digest();
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
