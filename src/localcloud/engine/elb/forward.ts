import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Engine } from '../engine.ts';
import { targetAnswers } from './checks.ts';
import { responseHeaders } from './headers.ts';
import type { InFlight } from './in-flight.ts';

/** Where a load balancer sends a request, and what it counts it under. */
export interface Upstream {
  /** Under which it is in flight: one server of one group. */
  key: string;
  address: string;
  port: number;
}

/** The name that a load balancer's own answers carry. */
export type Brand = 'awselb/2.0' | 'Tengine';

/** Streams both ways. The server may take as long as it likes, as long as something moves. `answered`: it has begun to answer. */
export function forward(
  engine: Engine,
  { key, address, port }: Upstream,
  inFlight: InFlight,
  [request, response]: [IncomingMessage, ServerResponse],
  options: { headers: string[]; idleSeconds: number; brand: Brand; answered?: () => void },
): void {
  const { headers, idleSeconds, brand, answered } = options;
  const upstream = httpRequest({
    host: address,
    port,
    method: request.method,
    path: request.url,
    headers,
    // A kept connection may be closed under a request, which then fails; on loopback a new one costs next to nothing.
    agent: false,
    setHost: false,
    timeout: idleSeconds * 1_000,
  });
  inFlight.add(key, upstream);
  upstream.once('timeout', () => {
    fail(response, 504, brand);
    upstream.destroy();
  });
  upstream.on('error', () => fail(response, 502, brand));
  upstream.once('response', (answer) => {
    orFail(engine, response, brand, () => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer));
      answered?.();
      pipeline(answer, response, () => {});
    });
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

/** An instance without processes: what its health check would be told. False: nothing. */
export function pretend(engine: Engine, id: string, response: ServerResponse, brand: Brand): boolean {
  const answer = targetAnswers(engine).get(id) ?? 200;
  if (typeof answer !== 'number') {
    fail(response, answer === 'timeout' ? 504 : 502, brand);
    return false;
  }
  response.writeHead(answer, { 'content-type': 'text/plain' });
  response.end(`${id}\n`);
  return true;
}

/** Joins a connection with one to a server: whichever end breaks, the other one goes with it. */
export function join(client: Socket, { key, address, port }: Upstream, inFlight: InFlight): void {
  const upstream = connect({ host: address, port, allowHalfOpen: true });
  inFlight.add(key, upstream);
  pipeline(client, upstream, (error) => error && client.destroy());
  pipeline(upstream, client, (error) => error && upstream.destroy());
}

/** What cannot be written as HTTP (a line break in a redirect's host) is the sender's trouble, not the daemon's end. */
export function orFail(engine: Engine, response: ServerResponse, brand: Brand, work: () => void): void {
  try {
    work();
  } catch (error) {
    engine.log(`load balancer: ${error instanceof Error ? error.message : String(error)}`);
    fail(response, 502, brand);
  }
}

const WORDS: Record<number, string> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The load balancer's own errors; one in the middle of an answer can only cut it off. */
export function fail(response: ServerResponse, status: number, server: Brand): void {
  if (response.headersSent) return void response.destroy();
  const text = `${status} ${WORDS[status]}`;
  response.writeHead(status, { 'content-type': 'text/html', server });
  response.end(
    `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
}
