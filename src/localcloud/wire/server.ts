import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { accessKeys } from '../engine/credentials.ts';
import type { Engine } from '../engine/engine.ts';
import { ServiceError } from '../engine/errors.ts';
import { type HttpAnswer, type Understood, understand } from './protocols.ts';
import type { Caller, Service } from './service.ts';
import { readSignature, type SignedRequest, verifySignature } from './sigv4.ts';

/** AWS refuses larger requests too; nothing that bake sends comes near. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** Answers what is asked of the daemon itself rather than of a service: every other path under `/_bake/`. */
export type OwnPaths = (path: string, authorization: string | undefined) => Promise<HttpAnswer>;

/** The HTTP face of the embedded cloud: authenticates, finds the operation, runs it, puts the change on disk, answers. */
export function createCloudServer(engine: Engine, services: Service[], ownPaths?: OwnPaths): Server {
  const bySigningName = new Map(services.map((service) => [service.signingName, service]));

  // Clients keep connections longer than Node's 5 s; one closed under a request costs them a retry.
  return createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    void handle(request, response).catch((error: unknown) => {
      engine.log(
        `request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const [path, query] = splitTarget(request.url ?? '/');
    if (path === '/_bake/health') {
      const headers = { 'content-type': 'application/json' };
      return send(response, { status: 200, headers, body: '{"ok":true}' });
    }
    if (ownPaths && path.startsWith('/_bake/'))
      return send(response, await ownPaths(path, request.headers.authorization));
    const requestId = engine.ids.uuid();
    const answer = await answerTo(request, path, query, requestId, gone.signal);
    send(response, { ...answer, headers: { ...answer.headers, 'x-amzn-requestid': requestId } });
  }

  async function answerTo(
    request: IncomingMessage,
    path: string,
    query: string,
    requestId: string,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const headers = signableHeaders(request);
    let service = guessService(headers, bySigningName) ?? services[0]!;
    let understood: Understood | undefined;
    try {
      const body = await readBody(request);
      const signature = readSignature(headers);
      const signed = bySigningName.get(signature.service);
      if (!signed)
        throw new ServiceError('InvalidAction', `the local cloud has no service ${signature.service}`, 400);
      service = signed;
      const caller = authenticate(engine, { method: request.method ?? 'GET', path, query, headers, body });
      understood = understand(service, headers, query, body.toString('utf8'));
      if (!understood.operation) throw unknownOperation(service, understood.operationName);
      const output = await understood.operation(understood.input, {
        engine,
        caller,
        requestId,
        path,
        signal,
      });
      engine.settle();
      return understood.answer(output, requestId);
    } catch (error) {
      engine.settle();
      const fault = error instanceof ServiceError ? error : internalError(error);
      const operation = understood?.operationName ?? '?';
      engine.log(`${service.signingName} ${operation}: ${fault.code}: ${fault.message}`);
      return (understood ?? understand(service, headers, query, '')).fault(fault, requestId);
    }
  }

  function internalError(error: unknown): ServiceError {
    engine.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return new ServiceError(
      'InternalFailure',
      `defect of the local cloud: ${error instanceof Error ? error.message : String(error)}`,
      500,
    );
  }
}

function authenticate(engine: Engine, request: SignedRequest): Caller {
  const signature = readSignature(request.headers);
  const key = accessKeys(engine).get(signature.accessKeyId);
  if (!key) throw invalidToken(signature.service);
  if (key.sessionToken !== undefined && key.sessionToken !== signature.sessionToken)
    throw invalidToken(signature.service);
  if (key.expiresAt !== undefined && key.expiresAt <= engine.clock.now()) {
    throw new ServiceError('ExpiredToken', 'The security token included in the request is expired', 403);
  }
  // Clients sign by the wall clock, whatever clock the engine runs on.
  verifySignature(request, signature, key.secretAccessKey, Date.now());
  return { accessKeyId: key.accessKeyId, arn: key.arn, account: engine.account };
}

/** The same refusal has another name in EC2. */
const invalidToken = (service: string): ServiceError =>
  service === 'ec2'
    ? new ServiceError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401)
    : new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);

const unknownOperation = (service: Service, name: string): ServiceError =>
  new ServiceError(
    'InvalidAction',
    `The local cloud's ${service.signingName} does not have the operation ${name || '(none given)'}.`,
  );

/** Path and query. Only the first question mark parts them. */
function splitTarget(url: string): [path: string, query: string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** Headers as they are signed: repeated ones joined by a comma alone. */
function signableHeaders(request: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, values] of Object.entries(request.headersDistinct)) headers[name] = values?.join(',');
  return headers;
}

/** For errors before the signature is read, so that they come in the form of the client's protocol. */
function guessService(
  headers: Record<string, string | undefined>,
  services: Map<string, Service>,
): Service | undefined {
  const target = headers['x-amz-target']?.split('.')[0];
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
  return (
    services.get(scope ?? '') ??
    [...services.values()].find((service) => target !== undefined && service.json?.targetPrefix === target)
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    // The rest is read and dropped: a client that still writes would not see the refusal.
    if (size <= LARGEST_BODY) chunks.push(chunk as Buffer);
  }
  if (size > LARGEST_BODY) throw new ServiceError('RequestEntityTooLarge', 'The request is too large.', 413);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}
