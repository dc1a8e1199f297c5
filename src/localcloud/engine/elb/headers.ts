import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ListenerRecord } from './records.ts';

/** Headers of one connection, not of the message. Source: RFC 9110, section 7.6.1. */
const OF_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
];

/** Names and values in turn, as they came; those that the connection itself names are left out, too. */
function endToEnd(message: IncomingMessage, without: string[] = []): string[] {
  const named = (message.headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const left = new Set([...OF_CONNECTION, ...named, ...without]);
  return message.rawHeaders.filter(
    (_, index, all) => !left.has((all[index - (index % 2)] ?? '').toLowerCase()),
  );
}

export const responseHeaders = (answer: IncomingMessage): string[] => endToEnd(answer);

/** What a server is told of the client. Source: "HTTP headers and Application Load Balancers". The host stays what was asked for. */
export function forwardedHeaders(
  request: IncomingMessage,
  listener: Pick<ListenerRecord, 'protocol' | 'port'>,
): string[] {
  const own = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id'];
  const before = request.headers['x-forwarded-for'];
  const address = request.socket.remoteAddress ?? '';
  return [
    ...endToEnd(request, own),
    'X-Forwarded-For',
    before ? `${before}, ${address}` : address,
    'X-Forwarded-Proto',
    listener.protocol.toLowerCase(),
    'X-Forwarded-Port',
    String(listener.port),
  ];
}

/** The name that a request goes by through all that it passes. */
export function traceHeader(request: IncomingMessage): string[] {
  const trace = request.headers['x-amzn-trace-id'];
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  return [
    'X-Amzn-Trace-Id',
    typeof trace === 'string' ? trace : `Root=1-${seconds}-${randomBytes(12).toString('hex')}`,
  ];
}
