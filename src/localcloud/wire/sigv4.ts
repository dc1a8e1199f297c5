import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../engine/errors.ts';

/** A request as it came over the wire, as far as its signature covers it. Header names in lower case. */
export interface SignedRequest {
  method: string;
  path: string;
  /** Raw query string without `?`. */
  query: string;
  headers: Record<string, string | undefined>;
  body: Buffer;
  /** What is signed in place of the body's digest. S3: the header `x-amz-content-sha256`, so that bodies can be streamed. */
  payloadHash?: string;
}

export interface Signature {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  sessionToken: string | undefined;
  /** `X-Amz-Date`, wherever it stood. */
  amzDate: string;
  /** Of a presigned URL: how long it holds. */
  expiresSeconds?: number;
}

/**
 * The parts of an AWS Signature Version 4: of the header `Authorization`, or of a presigned URL's query.
 * Source: AWS "Create a signed AWS API request".
 */
export function readSignature(headers: Record<string, string | undefined>, query = ''): Signature {
  const header = headers.authorization;
  if (!header && query.includes('X-Amz-Signature=')) return readPresigned(query);
  if (!header)
    throw new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const match =
    /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header.trim(),
    );
  if (!match)
    throw new ServiceError(
      'IncompleteSignature',
      'The Authorization header does not have the form of Signature Version 4.',
      400,
    );
  const [, accessKeyId, date, region, service, signedHeaders, signature] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    signature,
    sessionToken: headers['x-amz-security-token'],
    amzDate: headers['x-amz-date'] ?? '',
  };
}

/** Source: S3 API reference, "Authenticating Requests: Using Query Parameters". */
function readPresigned(query: string): Signature {
  const parameters = new URLSearchParams(query);
  const credential = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(
    parameters.get('X-Amz-Credential') ?? '',
  );
  const signature = parameters.get('X-Amz-Signature') ?? '';
  const expires = parameters.get('X-Amz-Expires') ?? '';
  const signedHeaders = parameters.get('X-Amz-SignedHeaders') ?? '';
  if (
    !credential ||
    parameters.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' ||
    !/^[0-9a-f]{64}$/.test(signature) ||
    !/^\d{1,6}$/.test(expires) ||
    Number(expires) > MOST_EXPIRES
  ) {
    throw new ServiceError(
      'AuthorizationQueryParametersError',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const [, accessKeyId, date, region, service] = credential as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    signature,
    sessionToken: parameters.get('X-Amz-Security-Token') ?? undefined,
    amzDate: parameters.get('X-Amz-Date') ?? '',
    expiresSeconds: Number(expires),
  };
}

/** Five minutes either way, as AWS has it. */
const MOST_SKEW_MS = 5 * 60_000;

/** A presigned URL holds a week at most. Seconds. */
const MOST_EXPIRES = 604_800;

/** Throws unless the request was signed with this secret, just now, and covers its host. */
export function verifySignature(
  request: SignedRequest,
  signature: Signature,
  secret: string,
  now: number,
): void {
  const { amzDate, expiresSeconds } = signature;
  const signedAt = parseAmzDate(amzDate);
  const holdsMs = expiresSeconds === undefined ? MOST_SKEW_MS : expiresSeconds * 1_000;
  if (signedAt === undefined || now < signedAt - MOST_SKEW_MS || now > signedAt + holdsMs) {
    if (signedAt !== undefined && expiresSeconds !== undefined)
      throw new ServiceError('AccessDenied', 'Request has expired', 403);
    throw new ServiceError(
      'RequestExpired',
      `Request has expired or is dated wrongly (X-Amz-Date: ${amzDate}).`,
      403,
    );
  }
  if (!amzDate.startsWith(signature.date)) {
    throw new ServiceError(
      'SignatureDoesNotMatch',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${signature.date}' != '${amzDate}'.`,
      403,
    );
  }
  const mustBeSigned = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  const unsigned = mustBeSigned.find((name) => !signature.signedHeaders.includes(name));
  if (unsigned !== undefined)
    throw new ServiceError('SignatureDoesNotMatch', `The ${unsigned} header must be signed.`, 403);
  const expected = sign(request, signature, secret);
  const given = Buffer.from(signature.signature, 'hex');
  if (!timingSafeEqual(expected, given)) {
    throw new ServiceError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
      403,
    );
  }
}

function sign(request: SignedRequest, signature: Signature, secret: string): Buffer {
  const { amzDate } = signature;
  const bodyHash = request.payloadHash ?? createHash('sha256').update(request.body).digest('hex');
  const canonical = [
    request.method,
    // S3 keys may hold any path, so nothing in it is redundant, and it is encoded once only.
    signature.service === 's3' ? encodedOnce(request.path) : canonicalPath(request.path),
    canonicalQuery(request.query, signature.expiresSeconds !== undefined),
    ...signature.signedHeaders.map(
      (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`,
    ),
    '',
    signature.signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    amzDate,
    scopeOf(signature),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  return hmac(signingKey(signature, secret), toSign);
}

export const scopeOf = ({ date, region, service }: Signature) => `${date}/${region}/${service}/aws4_request`;

export const signingKey = (signature: Signature, secret: string): Buffer =>
  scopeOf(signature)
    .split('/')
    .reduce(hmac, Buffer.from(`AWS4${secret}`));

export const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const encodedOnce = (path: string) =>
  path
    .split('/')
    .map((segment) => encodeRfc3986(safeDecode(segment.replaceAll('+', '%2B'))))
    .join('/');

/** Redundant and relative parts removed, each segment as it came encoded once more, as every service but S3 signs it. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encodeRfc3986(segment));
  }
  const directory = /\/\.{0,2}$/.test(path) && kept.length > 0 ? '/' : '';
  return `/${kept.join('/')}${directory}`;
}

function canonicalQuery(query: string, presigned: boolean): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => !(presigned && pair.startsWith('X-Amz-Signature=')))
    .map((pair) => {
      const at = pair.indexOf('=');
      const name = at < 0 ? pair : pair.slice(0, at);
      const value = at < 0 ? '' : pair.slice(at + 1);
      return [encodeRfc3986(safeDecode(name)), encodeRfc3986(safeDecode(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}

const encodeRfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function parseAmzDate(text: string): number | undefined {
  const m = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!m) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
