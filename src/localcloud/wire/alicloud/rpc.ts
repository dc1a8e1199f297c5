import { accessKeys } from '../../engine/credentials.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import { underFaults } from '../faults.ts';
import { parseForm } from '../form.ts';
import { Input, type ParameterError } from '../input.ts';
import type { HttpAnswer } from '../protocols.ts';
import type { Caller } from '../service.ts';
import type { SignedRequest } from '../sigv4.ts';
import { readAcs3, verifyAcs3 } from './acs3.ts';
import type { Product } from './product.ts';
import { AccessDenied, authorizeRam } from './ram/gate.ts';

/** Whether a request is in Alibaba Cloud's RPC protocol. */
export const isRpc = (headers: SignedRequest['headers']): boolean => headers['x-acs-action'] !== undefined;

/**
 * Answers a request in Alibaba Cloud's RPC protocol: action and version in headers, parameters in the query, the form body or both
 * (`Tag.1.Key`), the answer in JSON. Undefined: there is no answer, the connection breaks.
 */
export async function answerRpc(
  engine: Engine,
  products: Product[],
  request: SignedRequest,
  requestId: string,
  signal: AbortSignal,
): Promise<HttpAnswer | undefined> {
  const { headers } = request;
  const action = headers['x-acs-action'] ?? '';
  const product = products.find(({ version }) => version === headers['x-acs-version']);
  try {
    const caller = authenticate(engine, request);
    const operation = product && Object.hasOwn(product.operations, action) && product.operations[action];
    if (!operation)
      throw new ServiceError(
        'InvalidAction.NotFound',
        'Specified api is not found, please check your url and method.',
        404,
      );
    const input = inputOf(request);
    const region = input.text('RegionId') ?? engine.region;
    const context = { engine, caller, requestId, path: request.path, region, signal };
    return await underFaults(engine, product.code, action, signal, async () => {
      authorizeRam(product.code, action, input, context);
      const output = await operation(input, context);
      engine.settle();
      return json(200, { RequestId: requestId, ...(output as object) });
    });
  } catch (error) {
    engine.settle();
    const fault = error instanceof ServiceError ? error : defect(engine, error);
    engine.log(`${product?.code ?? '?'} ${action}: ${fault.code}: ${fault.message}`);
    return json(fault.status, {
      RequestId: requestId,
      HostId: headers.host ?? '',
      Code: fault.code,
      Message: fault.message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${fault.code}`,
      ...(fault instanceof AccessDenied && { AccessDeniedDetail: fault.detail }),
    });
  }
}

function authenticate(engine: Engine, request: SignedRequest): Caller {
  const signature = readAcs3(request.headers);
  const key = accessKeys(engine).get(signature.accessKeyId);
  if (!key) throw new ServiceError('InvalidAccessKeyId.NotFound', 'Specified access key is not found.', 404);
  if (key.sessionToken !== undefined && key.sessionToken !== request.headers['x-acs-security-token'])
    throw new ServiceError('InvalidSecurityToken.Malformed', 'Specified SecurityToken is malformed.', 400);
  if (key.expiresAt !== undefined && key.expiresAt <= engine.clock.now())
    throw new ServiceError('InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.', 400);
  // Clients sign by the wall clock, whatever clock the engine runs on.
  verifyAcs3(request, signature, key.secretAccessKey, Date.now());
  return { accessKeyId: key.accessKeyId, arn: key.arn, account: engine.account };
}

function inputOf({ query, headers, body }: SignedRequest): Input {
  const form = /^application\/x-www-form-urlencoded/.test(headers['content-type'] ?? '');
  return new Input(
    parseForm([query, form ? body.toString('utf8') : ''].filter(Boolean).join('&')),
    parameterError,
  );
}

const parameterError: ParameterError = (name, problem) =>
  problem === 'missing'
    ? new ServiceError(`Missing${name}`, `${name} is mandatory for this action.`, 400)
    : new ServiceError(`Invalid${name}.Malformed`, `The specified parameter ${name} is not valid.`, 400);

function defect(engine: Engine, error: unknown): ServiceError {
  engine.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const words = error instanceof Error ? error.message : String(error);
  return new ServiceError('InternalError', `defect of the local cloud: ${words}`, 500);
}

const json = (status: number, body: object): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body: JSON.stringify(body),
});
