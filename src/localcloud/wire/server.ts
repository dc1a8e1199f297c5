import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { accessKeys } from '../engine/credentials.ts';
import type { Engine } from '../engine/engine.ts';
import { ServiceError } from '../engine/errors.ts';
import { type HttpAnswer, type Understood, understand } from './protocols.ts';
import type { Caller, Service } from './service.ts';
import { readSignature, type SignedRequest, verifySignature } from './sigv4.ts';

/** AWS refuses larger requests too; nothing that bake sends comes near. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** The HTTP face of the embedded cloud: authenticates, finds the operation, runs it, puts the change on disk, answers. */
export function createCloudServer(engine: Engine, services: Service[]): Server {
  const bySigningName = new Map(services.map((service) => [service.signingName, service]));

  return createServer((request, response) => {
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
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
    if (path === '/_bake/health')
      return send(response, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"ok":true}',
      });
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
    const headers = request.headers as Record<string, string | undefined>;
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
      if (!understood.operation) throw unknownOperation(service, understood.operationName, headers);
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
  if (!key) throw new ServiceError(...invalidToken(signature.service), 403);
  if (key.sessionToken !== undefined && key.sessionToken !== signature.sessionToken) {
    throw new ServiceError(
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      403,
    );
  }
  if (key.expiresAt !== undefined && key.expiresAt <= engine.clock.now()) {
    throw new ServiceError('ExpiredToken', 'The security token included in the request is expired', 403);
  }
  // Clients sign by the wall clock, whatever clock the engine runs on.
  verifySignature(request, signature, key.secretAccessKey, Date.now());
  return { accessKeyId: key.accessKeyId, arn: key.arn, account: engine.account };
}

/** The same refusal has another name in EC2. */
const invalidToken = (service: string): [string, string] =>
  service === 'ec2'
    ? ['AuthFailure', 'AWS was not able to validate the provided access credentials']
    : service === 'ssm' || service === 'logs' || service === 'sqs'
      ? ['UnrecognizedClientException', 'The security token included in the request is invalid.']
      : ['InvalidClientTokenId', 'The security token included in the request is invalid.'];

function unknownOperation(
  service: Service,
  name: string,
  headers: Record<string, string | undefined>,
): ServiceError {
  if (headers['x-amz-target'] !== undefined && service.json) {
    return new ServiceError(
      'UnknownOperationException',
      `The local cloud does not have the operation ${service.signingName}:${name}.`,
    );
  }
  return new ServiceError(
    'InvalidAction',
    `The action ${name} is not valid for this web service (local cloud, ${service.signingName}).`,
  );
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
    if (size > LARGEST_BODY)
      throw new ServiceError('RequestEntityTooLarge', 'The request is too large.', 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}
