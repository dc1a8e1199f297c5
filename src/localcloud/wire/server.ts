import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { accessKeys } from '../engine/credentials.ts';
import type { Engine } from '../engine/engine.ts';
import { ServiceError } from '../engine/errors.ts';
import type { Product } from './alicloud/product.ts';
import { answerRpc, isRpc } from './alicloud/rpc.ts';
import { bodyText } from './body-text.ts';
import { underFaults } from './faults.ts';
import { authorize } from './iam/gate.ts';
import { type HttpAnswer, type Understood, understand } from './protocols.ts';
import { readAll } from './read-all.ts';
import type { Caller, RequestContext, RestRequest, Service } from './service.ts';
import {
  readSignature,
  type Signature,
  type SignedRequest,
  scopeOf,
  signingKey,
  verifySignature,
} from './sigv4.ts';

/** What is asked of the daemon itself rather than of a service. */
export interface OwnRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  body: () => Promise<string>;
}

/** Answers every other path under `/_bake/`. */
export type OwnPaths = (request: OwnRequest) => Promise<HttpAnswer>;

/** The HTTP face of the embedded cloud: authenticates, finds the operation, runs it, puts the change on disk, answers. */
export function createCloudServer(
  engine: Engine,
  services: Service[],
  ownPaths?: OwnPaths,
  products: Product[] = [],
): Server {
  const bySigningName = new Map(services.map((service) => [service.signingName, service]));

  // Clients keep connections longer than Node's 5 s; one closed under a request costs them a retry.
  // Alibaba Cloud's clients write all parameters into the URL, scripts too.
  return createServer({ keepAliveTimeout: 75_000, maxHeaderSize: 65_536 }, (request, response) => {
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
    // Not after an answer: an abort costs an exception with its stack.
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const [path, query] = splitTarget(request.url ?? '/');
    if (path === '/_bake/health') {
      const headers = { 'content-type': 'application/json' };
      return send(response, { status: 200, headers, body: '{"ok":true}' });
    }
    if (ownPaths && path.startsWith('/_bake/'))
      return send(
        response,
        await ownPaths({
          method: request.method ?? 'GET',
          path,
          authorization: request.headers.authorization,
          body: async () => (await readAll(bodyOf(request))).toString('utf8'),
        }),
      );
    const requestId = engine.ids.uuid();
    const answer = await answerTo(request, path, query, requestId, gone.signal);
    if (!answer) return void response.destroy();
    // What was not read of the request is dropped: a client that still writes would not see the answer.
    request.resume();
    send(response, { ...answer, headers: { ...answer.headers, 'x-amzn-requestid': requestId } });
  }

  async function answerTo(
    request: IncomingMessage,
    path: string,
    query: string,
    requestId: string,
    signal: AbortSignal,
  ): Promise<HttpAnswer | undefined> {
    const headers = signableHeaders(request);
    const method = request.method ?? 'GET';
    if (isRpc(headers)) {
      const body = await readAll(bodyOf(request));
      return answerRpc(engine, products, { method, path, query, headers, body }, requestId, signal);
    }
    let service = guessService(headers, query, bySigningName) ?? services[0]!;
    let understood: Understood | undefined;
    try {
      if (headers.authorization === undefined && query === '') {
        const text = bodyText(await readAll(bodyOf(request)), headers['content-encoding']);
        const asked = services.find((one) => needsNoSignature(one, text));
        if (asked) {
          service = asked;
          understood = understand(service, headers, query, text);
          const nobody = { accessKeyId: '', arn: 'anonymous', account: engine.account };
          const context = { engine, caller: nobody, requestId, path, region: engine.region, signal };
          return await perform(service, understood, context);
        }
      }
      const signature = readSignature(headers, query);
      const signed = bySigningName.get(signature.service);
      if (!signed)
        throw new ServiceError('InvalidAction', `the local cloud has no service ${signature.service}`, 400);
      service = signed;
      const streamed = service.rest !== undefined;
      const body = streamed ? Buffer.alloc(0) : await readAll(bodyOf(request));
      const payloadHash = streamed ? (headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD') : undefined;
      const { caller, secret } = authenticate(
        engine,
        { method, path, query, headers, body, payloadHash },
        signature,
      );
      understood = service.rest
        ? service.rest.understand({
            ...{ method, path, query, headers, body: bodyOf(request) },
            signing: { ...signature, key: signingKey(signature, secret), scope: scopeOf(signature) },
          })
        : understand(service, headers, query, bodyText(body, headers['content-encoding']));
      const { region } = signature;
      return await perform(service, understood, { engine, caller, requestId, path, region, signal });
    } catch (error) {
      engine.settle();
      const fault = error instanceof ServiceError ? error : internalError(error);
      const operation = understood?.operationName ?? '?';
      engine.log(`${service.signingName} ${operation}: ${fault.code}: ${fault.message}`);
      understood ??= service.rest
        ? service.rest.understand({ method, path, query, headers, body: bodyOf(request) })
        : understand(service, headers, query, '');
      return understood.fault(fault, requestId);
    }
  }

  async function perform(
    service: Service,
    { operation, operationName, input, answer }: Understood,
    context: RequestContext,
  ): Promise<HttpAnswer | undefined> {
    if (!operation) throw unknownOperation(service, operationName);
    const { signingName } = service;
    return underFaults(engine, signingName, operationName, context.signal, async () => {
      if (context.caller.accessKeyId !== '') authorize(signingName, operationName, input, context);
      const output = await operation(input, context);
      engine.settle();
      return answer(output, context.requestId);
    });
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

/** Who signed the request, and with what. */
function authenticate(
  engine: Engine,
  request: SignedRequest,
  signature: Signature,
): { caller: Caller; secret: string } {
  const key = accessKeys(engine).get(signature.accessKeyId);
  if (!key) throw invalidToken(signature.service);
  if (key.sessionToken !== undefined && key.sessionToken !== signature.sessionToken)
    throw invalidToken(signature.service);
  if (key.expiresAt !== undefined && key.expiresAt <= engine.clock.now()) {
    throw new ServiceError('ExpiredToken', 'The security token included in the request is expired', 403);
  }
  // Clients sign by the wall clock, whatever clock the engine runs on.
  verifySignature(request, signature, key.secretAccessKey, Date.now());
  const caller = { accessKeyId: key.accessKeyId, arn: key.arn, account: engine.account };
  return { caller, secret: key.secretAccessKey };
}

/** The same refusal has another name in EC2 and in S3. */
function invalidToken(service: string): ServiceError {
  if (service === 'ec2')
    return new ServiceError(
      'AuthFailure',
      'AWS was not able to validate the provided access credentials',
      401,
    );
  if (service === 's3')
    return new ServiceError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    );
  return new ServiceError(
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
    403,
  );
}

const unknownOperation = (service: Service, name: string): ServiceError =>
  new ServiceError(
    'InvalidAction',
    `The local cloud's ${service.signingName} does not have the operation ${name || '(none given)'}.`,
  );

/** Whether a form asks for an operation in which who asks proves itself by what is in the request. */
const needsNoSignature = ({ form }: Service, text: string): boolean =>
  form?.unsigned?.includes(/(?:^|&)Action=(\w+)/.exec(text)?.[1] ?? '') ?? false;

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
  query: string,
  services: Map<string, Service>,
): Service | undefined {
  const target = headers['x-amz-target']?.split('.')[0];
  const credential = headers.authorization ?? new URLSearchParams(query).get('X-Amz-Credential') ?? '';
  const scope = /[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(credential)?.[1];
  return (
    services.get(scope ?? '') ??
    [...services.values()].find((service) => target !== undefined && service.json?.targetPrefix === target)
  );
}

/** The body as it comes in. An error in the middle leaves the connection open for the answer. */
const bodyOf = (request: IncomingMessage): RestRequest['body'] =>
  request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (response.destroyed) return;
  if (typeof body === 'string') {
    // Neither of these has a body, and HEAD's length is that of the body it does not have.
    const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, { ...length, ...headers });
    response.end(body);
    return;
  }
  response.writeHead(status, headers);
  pipeline(body, response, () => {});
}
