import type { Readable } from 'node:stream';
import { ServiceError } from '../engine/errors.ts';
import { parseForm } from './form.ts';
import { Input, type ParameterError } from './input.ts';
import type { Operation, Service } from './service.ts';
import { type ListStyle, toXml } from './xml.ts';

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** A stream says its length in its headers. */
  body: string | Readable;
}

type Form = NonNullable<Service['form']>;
type Json = NonNullable<Service['json']>;

/** One request, understood: which operation, with what, and how its answer is written. */
export interface Understood {
  operationName: string;
  operation: Operation | undefined;
  input: Input;
  answer(output: unknown, requestId: string): HttpAnswer;
  fault(error: ServiceError, requestId: string): HttpAnswer;
}

/**
 * Reads a request in the protocol it is written in. A service that speaks both (SQS) is told apart by the header
 * `X-Amz-Target`, which only AWS JSON has; its query parameters may stand in the URL, in the body, or in both.
 */
export function understand(
  service: Service,
  headers: Record<string, string | undefined>,
  query: string,
  body: string,
): Understood {
  const target = headers['x-amz-target'];
  if (target !== undefined && service.json) return understandJson(service, service.json, target, body);
  if (service.form) return understandForm(service, service.form, [query, body].filter(Boolean).join('&'));
  return understandJson(service, service.json as Json, target ?? '', body);
}

function understandForm(service: Service, form: Form, text: string): Understood {
  const values = parseForm(text);
  const name = typeof values.Action === 'string' ? values.Action : '';
  const style: ListStyle = form.dialect === 'ec2' ? 'item' : 'member';
  const xml = (status: number, content: string): HttpAnswer => ({
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${content}`,
  });
  return {
    operationName: name,
    operation: own(form.operations, name),
    input: new Input(
      values,
      form.dialect === 'ec2' ? ec2ParameterError : parameterError(service, 'ValidationError'),
    ),
    answer(output, requestId) {
      const fields = toXml((output ?? {}) as Record<string, unknown>, style);
      const content =
        form.dialect === 'ec2'
          ? `<requestId>${requestId}</requestId>${fields}`
          : `<${name}Result>${fields}</${name}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return xml(200, `<${name}Response xmlns="${form.xmlns}">${content}</${name}Response>`);
    },
    fault({ code, message, status }, requestId) {
      const error = toXml({ Code: code, Message: message }, style);
      return form.dialect === 'ec2'
        ? xml(
            status,
            `<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
          )
        : xml(
            status,
            `<ErrorResponse xmlns="${form.xmlns}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
          );
    },
  };
}

function understandJson(service: Service, json: Json, target: string, body: string): Understood {
  const [prefix, name = ''] = target.split('.');
  const contentType = `application/x-amz-json-${json.version}`;
  return {
    operationName: name,
    operation: prefix === json.targetPrefix ? own(json.operations, name) : undefined,
    input: new Input(parseJson(body), parameterError(service, 'ValidationException')),
    answer: (output) => ({
      status: 200,
      headers: { 'content-type': contentType },
      body: JSON.stringify(output ?? {}),
    }),
    fault({ code, message, status }) {
      const shape = json.errorShapes?.[code] ?? COMMON_IN_JSON[code] ?? code;
      const headers: Record<string, string> = { 'content-type': contentType };
      if (json.errorShapes) headers['x-amzn-query-error'] = `${code};${status < 500 ? 'Sender' : 'Receiver'}`;
      return { status, headers, body: JSON.stringify({ __type: shape, message }) };
    },
  };
}

/** Errors that every service has are called otherwise in AWS JSON than in the query protocols. Source: "Common errors" of SSM and of STS. */
const COMMON_IN_JSON: Record<string, string> = {
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidAction: 'UnknownOperationException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestEntityTooLarge: 'RequestEntityTooLargeException',
  RequestExpired: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
};

const own = (operations: Record<string, Operation>, name: string): Operation | undefined =>
  Object.hasOwn(operations, name) ? operations[name] : undefined;

function parseJson(body: string): Record<string, unknown> {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {}
  // Told by the operation's own validation, in the protocol's form.
  throw new ServiceError('SerializationException', 'The request body is not a JSON object.');
}

const ec2ParameterError: ParameterError = (name, problem, value) =>
  problem === 'missing'
    ? new ServiceError('MissingParameter', `The request must contain the parameter ${name}`)
    : new ServiceError('InvalidParameterValue', `Value (${show(value)}) for parameter ${name} is invalid.`);

const parameterError =
  (service: Service, code: string): ParameterError =>
  (name, problem, value) =>
    new ServiceError(
      service.parameterErrors?.[problem] ?? code,
      problem === 'missing'
        ? `The request must contain the parameter ${name}.`
        : `${show(value)} is not a valid value for ${name}`,
    );

const show = (value: unknown) =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a structure' : String(value);
