import type { Readable } from 'node:stream';
import { XMLParser } from 'fast-xml-parser';
import { ServiceError } from '../../engine/errors.ts';
import type { ObjectFacts, ObjectRecord } from '../../engine/s3/records.ts';
import type { Input } from '../input.ts';
import { readAll } from '../read-all.ts';
import type { RequestContext, RestRequest } from '../service.ts';
import { bodyOf } from './body.ts';

/** What an S3 operation gives: XML under a root element, a stream, or nothing but headers. */
export interface S3Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Name of the root element, and its content. */
  xml?: [root: string, content: Record<string, unknown> | string];
  body?: Readable;
}

/** Parameters of the query and, named as in the API, what every operation needs to know. */
export interface S3Call {
  bucket: string;
  key: string;
  parameters: URLSearchParams;
  headers: RestRequest['headers'];
  request: RestRequest;
}

export type S3Operation = (
  call: S3Call,
  context: RequestContext,
  input: Input,
) => S3Answer | Promise<S3Answer>;

export const quoted = (etag: string) => `"${etag}"`;
export const unquoted = (etag: string) => etag.replace(/^(W\/)?"|"$/g, '');

/** HTTP's own form: `Sun, 01 Mar 2026 00:00:00 GMT`. */
export const httpDate = (ms: number) => new Date(ms).toUTCString();

const KEPT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/** What a request says about the object that it makes. */
export function factsOf(headers: RestRequest['headers']): ObjectFacts {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (KEPT_HEADERS.includes(name)) kept[name] = value;
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value;
  }
  // How the body travelled is not what it is.
  const encoding = (kept['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked');
  delete kept['content-encoding'];
  if (encoding.length > 0) kept['content-encoding'] = encoding.join(',');
  const tags = Object.fromEntries(new URLSearchParams(headers['x-amz-tagging'] ?? ''));
  return { headers: kept, metadata, tags, storageClass: headers['x-amz-storage-class'] ?? 'STANDARD' };
}

/** Headers of an object's answers, without those of a body. */
export function headersOf(object: ObjectRecord): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    ...Object.fromEntries(
      Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
    ...(object.storageClass !== 'STANDARD' && { 'x-amz-storage-class': object.storageClass }),
    ...(tagCount > 0 && { 'x-amz-tagging-count': String(tagCount) }),
    etag: quoted(object.etag),
    'last-modified': httpDate(object.modifiedAt),
    'accept-ranges': 'bytes',
  };
}

export function checksumHeaders(checksum: ObjectRecord['checksum']): Record<string, string> {
  if (!checksum) return {};
  return {
    [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false });

/** The content of a request's root element. @throws MalformedXML */
export async function xmlBody(request: RestRequest, root: string): Promise<Record<string, unknown>> {
  const text = (await readAll(bodyOf(request).chunks)).toString('utf8');
  try {
    const content = parser.parse(text, true)[root];
    if (typeof content === 'object' && content !== null) return content;
  } catch {}
  throw new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

/** Elements of one name: none, one, or a list of them. */
export const elements = (value: unknown): Record<string, unknown>[] =>
  (value === undefined ? [] : Array.isArray(value) ? value : [value]).filter(
    (item) => typeof item === 'object' && item !== null,
  );
