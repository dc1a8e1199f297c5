import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpAnswer } from './http-answer.ts';

/** One request may take this long, milliseconds of the world's time: somebody else answers. */
const PATIENCE = 10_000;
/** As much of a body is read, bytes. */
const MOST_READ = 65_536;

/**
 * One GET request over a connection of its own, so that a load balancer chooses anew. With `host`, the request (and the certificate)
 * is for that name. Redirections are not followed. Never rejects.
 */
export function askOverHttp(
  endpoint: string,
  { path, host }: { path: string; host?: string },
): Promise<HttpAnswer | { problem: string }> {
  return new Promise((resolve) => {
    const url = new URL(path, endpoint);
    const options = {
      agent: false,
      servername: host ?? url.hostname,
      signal: AbortSignal.timeout(PATIENCE),
      headers: { 'user-agent': 'bake-smoke', ...(host === undefined ? {} : { host }) },
    };
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
    ask(url, options, (response) => {
      readBody(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), failed);
    })
      .on('error', failed)
      .end();
    function failed(error: Error) {
      const late = error.name === 'AbortError' || error.name === 'TimeoutError';
      resolve({ problem: late ? `no answer within ${PATIENCE / 1_000} s` : error.message });
    }
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= MOST_READ) break; // Leaving the loop closes the connection.
  }
  return Buffer.concat(parts).toString();
}
