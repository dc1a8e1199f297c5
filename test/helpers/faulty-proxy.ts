import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * How a call fails: refused for too many requests, by a fault of the service, for want of room, or for good; or done without the
 * client hearing of it.
 */
export type Fault = 'throttling' | 'a 500' | 'a lost answer' | 'no capacity' | 'a refusal';

export interface FaultyProxy {
  endpoint: string;
  /** Operations that failed once, in order. */
  readonly failed: string[];
  /** How many calls there were of each operation. */
  readonly calls: ReadonlyMap<string, number>;
  /** Which calls of each operation (counted from 0, in the order of their first attempts) fail, and how. */
  fail(fault: Fault, which: (call: number, operation: string) => boolean): void;
  close(): void;
}

/** Stands between a client and the cloud, and lets calls fail once each: their second attempt passes. */
export async function faultyProxy(cloud: string): Promise<FaultyProxy> {
  const failed: string[] = [];
  let fault: Fault = 'a 500';
  let fails = (_call: number, _operation: string) => false;
  const calls = new Map<string, number>();
  const again = new Set<string>();
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const operation = operationOf(request, body.toString());
    const call = calls.get(operation) ?? 0;
    // Alibaba's clients do not say which attempt it is: the one after a failure is the second.
    const first = request.headers['x-acs-action']
      ? !again.delete(operation)
      : /attempt=1(;|$)/.test(String(request.headers['amz-sdk-request'] ?? 'attempt=1'));
    if (first) calls.set(operation, call + 1);
    const chosen = first && fails(call, operation);
    if (chosen) failed.push(operation);
    if (chosen && request.headers['x-acs-action']) again.add(operation);
    if (chosen && fault !== 'a lost answer') return refuse(fault, request, response);
    const { method, headers, url } = request;
    const forwarded = httpRequest(`${cloud}${url}`, { method, headers });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const content = await buffer(answer);
    if (chosen) request.socket.destroy();
    else response.writeHead(answer.statusCode!, answer.headers).end(content);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failed,
    calls,
    fail(kind, which) {
      fault = kind;
      fails = which;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function operationOf(request: IncomingMessage, body: string): string {
  const target = request.headers['x-amz-target'] ?? request.headers['x-acs-action'];
  return target ? String(target).replace(/^.*\./, '') : (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? '?');
}

/** In the words of the protocol that the request speaks. */
function refuse(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['x-acs-action']) {
    refuseRpc(fault, response);
    return;
  }
  if (request.headers['x-amz-target']) {
    const [status, __type] = JSON_CODES[fault] ?? [500, 'InternalServerError'];
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    response.writeHead(status, headers).end(JSON.stringify({ __type, message: 'not now' }));
    return;
  }
  const error = `<Error><Code>${CODES[fault]}</Code><Message>not now</Message></Error>`;
  // EC2 has a shape of its own among those that speak the query protocol.
  const xml = `<Response><Errors>${error}</Errors><RequestID>1</RequestID></Response>`;
  const query = `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`;
  const ec2 = String(request.headers.authorization).includes('/ec2/');
  const status = fault === 'throttling' ? 503 : fault === 'a refusal' ? 403 : 500;
  response.writeHead(status, { 'content-type': 'text/xml' }).end(ec2 ? xml : query);
}

/** A fault of the service is a gateway's page. */
function refuseRpc(fault: Fault, response: ServerResponse): void {
  if (fault === 'a 500') {
    const page = '<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>';
    response.writeHead(502, { 'content-type': 'text/html' }).end(page);
    return;
  }
  const [status, Code] = RPC_CODES[fault] ?? [500, 'InternalError'];
  const body = JSON.stringify({ RequestId: '1', HostId: 'proxy', Code, Message: 'not now' });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

const RPC_CODES: Partial<Record<Fault, [status: number, code: string]>> = {
  throttling: [400, 'Throttling.User'],
  'no capacity': [403, 'OperationDenied.NoStock'],
  'a refusal': [403, 'Forbidden.RAM'],
};

const JSON_CODES: Partial<Record<Fault, [status: number, code: string]>> = {
  throttling: [400, 'ThrottlingException'],
  'a refusal': [400, 'AccessDeniedException'],
};

const CODES: Partial<Record<Fault, string>> = {
  throttling: 'RequestLimitExceeded',
  'a 500': 'InternalError',
  'no capacity': 'InsufficientInstanceCapacity',
  'a refusal': 'AccessDenied',
};
