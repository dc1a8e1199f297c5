import { ServiceError } from '../../engine/errors.ts';
import { Input } from '../input.ts';
import type { HttpAnswer, Understood } from '../protocols.ts';
import type { RestRequest, Service } from '../service.ts';
import { escapeXml, toXml } from '../xml.ts';
import { bucketOperations } from './buckets.ts';
import { copyOperations } from './copy.ts';
import { listOperations } from './lists.ts';
import { multipartOperations } from './multipart.ts';
import { objectOperations } from './objects.ts';
import { operationNameOf, targetOf } from './route.ts';
import type { S3Answer, S3Operation } from './shapes.ts';
import { tagOperations } from './tags.ts';

const OPERATIONS: Record<string, S3Operation> = {
  ...bucketOperations,
  ...copyOperations,
  ...listOperations,
  ...multipartOperations,
  ...objectOperations,
  ...tagOperations,
};

/** Amazon S3, version 2006-03-01: buckets and objects, by path or by host name. */
export const s3Service = (): Service => ({
  signingName: 's3',
  rest: { operations: Object.keys(OPERATIONS), understand },
});

const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';

function understand(request: RestRequest): Understood {
  const parameters = new URLSearchParams(request.query);
  const { bucket, key, operationName } = readTarget(request, parameters);
  const input = new Input(
    {
      Bucket: bucket,
      Key: key,
      CopySource: request.headers['x-amz-copy-source'],
      Prefix: parameters.get('prefix') ?? undefined,
      Delimiter: parameters.get('delimiter') ?? undefined,
    },
    (name) => new ServiceError('InvalidArgument', `${name} is missing or malformed.`),
  );
  const operation = Object.hasOwn(OPERATIONS, operationName) ? OPERATIONS[operationName] : undefined;
  const call = { bucket: bucket ?? '', key: key ?? '', parameters, headers: request.headers, request };
  return {
    operationName,
    operation: operation && ((_input, context) => operation(call, context, input)),
    input,
    answer: (output, requestId) => answer(output as S3Answer, requestId),
    fault: (error, requestId) => fault(error, requestId, request, { bucket, key }),
  };
}

/** A path that cannot be read has no operation: its fault comes in S3's form too. */
function readTarget(request: RestRequest, parameters: URLSearchParams) {
  try {
    const target = targetOf(request);
    return { ...target, operationName: operationNameOf(request, target, parameters) };
  } catch {
    return { bucket: undefined, key: undefined, operationName: '' };
  }
}

function answer(output: S3Answer, requestId: string): HttpAnswer {
  const { status = 200, headers = {}, xml, body } = output;
  const ids = { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
  if (!xml) return { status, headers: { ...ids, ...headers }, body: body ?? '' };
  const [root, content] = xml;
  const inner = typeof content === 'string' ? escapeXml(content) : toXml(content, 'member');
  return {
    status,
    headers: { 'content-type': 'application/xml', ...ids, ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${xmlns}">${inner}</${root}>`,
  };
}

/** What every service has, S3 calls otherwise. */
const CODES: Record<string, [code: string, status: number]> = {
  ExpiredToken: ['ExpiredToken', 400],
  InvalidAction: ['NotImplemented', 501],
  InternalFailure: ['InternalError', 500],
  IncompleteSignature: ['AuthorizationHeaderMalformed', 400],
  MissingAuthenticationToken: ['AccessDenied', 403],
  RequestEntityTooLarge: ['EntityTooLarge', 400],
  RequestExpired: ['RequestTimeTooSkewed', 403],
};

function fault(
  error: ServiceError,
  requestId: string,
  { method, path }: RestRequest,
  { bucket, key }: { bucket: string | undefined; key: string | undefined },
): HttpAnswer {
  const [code, status] = CODES[error.code] ?? [error.code, error.status];
  const details = toXml(
    {
      ...{ Code: code, Message: error.message, BucketName: bucket, Key: key, Resource: path },
      ...{ RequestId: requestId, HostId: requestId },
    },
    'member',
  );
  const bare = method === 'HEAD' || status === 304;
  return {
    status,
    headers: {
      ...(!bare && { 'content-type': 'application/xml' }),
      'x-amz-request-id': requestId,
      'x-amz-id-2': requestId,
    },
    body: bare ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${details}</Error>`,
  };
}
