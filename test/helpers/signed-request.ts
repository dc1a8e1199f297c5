import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { TestCloud } from './cloud.ts';

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface RawRequest {
  service: string;
  method?: string;
  /** As it goes over the wire; no client library tidies it up. */
  path?: string;
  /** Raw; must be in the canonical order already. */
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  accessKeyId?: string;
  secret?: string;
  sessionToken?: string;
  date?: Date;
  /** Headers put in after signing. */
  unsigned?: Record<string, string>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** encodeURIComponent leaves five characters that AWS wants encoded. */
export const encodeRfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signs a request by the book (Signature Version 4) and sends it byte for byte, for what no SDK would send. */
export async function signedRequest(cloud: TestCloud, raw: RawRequest): Promise<RawAnswer> {
  const { service, method = 'POST', path = '/', query = '', body = '' } = raw;
  const amzDate = (raw.date ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    ...raw.headers,
    host: new URL(cloud.endpoint).host,
    'x-amz-date': amzDate,
    ...(raw.sessionToken && { 'x-amz-security-token': raw.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonicalPath = path.split('/').map(encodeRfc3986).join('/');
  const canonical = [
    method,
    canonicalPath,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const scope = [amzDate.slice(0, 8), cloud.region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${raw.secret ?? cloud.credentials.secretAccessKey}`);
  const signature = hmac(
    key,
    ['AWS4-HMAC-SHA256', amzDate, scope.join('/'), sha256(canonical)].join('\n'),
  ).toString('hex');
  const accessKeyId = raw.accessKeyId ?? cloud.credentials.accessKeyId;
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return plainRequest(cloud, {
    method,
    target: query === '' ? path : `${path}?${query}`,
    headers: { ...headers, authorization, ...raw.unsigned },
    body,
  });
}

/** Sends a request as it is. */
export function plainRequest(
  cloud: TestCloud,
  raw: { method?: string; target?: string; headers?: Record<string, string>; body?: string },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(cloud.endpoint);
  return new Promise((resolve, reject) => {
    const { method = 'POST', target: path = '/', headers } = raw;
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(raw.body);
  });
}
