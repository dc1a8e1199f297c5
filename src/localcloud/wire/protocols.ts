import { ServiceError } from '../engine/errors.ts';
import { parseForm } from './form.ts';
import { Input, type ParameterError } from './input.ts';
import type { Operation, Service } from './service.ts';
import { type ListStyle, toXml } from './xml.ts';

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One request, understood: which operation, with what, and how its answer is written. */
export interface Understood {
  operationName: string;
  operation: Operation | undefined;
  input: Input;
  answer(output: unknown, requestId: string): HttpAnswer;
  fault(error: ServiceError, requestId: string): HttpAnswer;
}

/** Reads a request in the protocol it is written in. */
export function understand(
  service: Service,
  headers: Record<string, string | undefined>,
  query: string,
  body: string,
): Understood {
  const target = headers['x-amz-target'];
  if (target !== undefined && service.json) return understandJson(service.json, target, body);
  if (service.form) return understandForm(service.form, [query, body].filter(Boolean).join('&'));
  return understandJson(service.json as NonNullable<Service['json']>, target ?? '', body);
}

function understandForm(form: NonNullable<Service['form']>, text: string): Understood {
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
    input: new Input(values, form.dialect === 'ec2' ? ec2ParameterError : queryParameterError),
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

function understandJson(json: NonNullable<Service['json']>, target: string, body: string): Understood {
  const [prefix, name = ''] = target.split('.');
  const contentType = `application/x-amz-json-${json.version}`;
  return {
    operationName: name,
    operation: prefix === json.targetPrefix ? own(json.operations, name) : undefined,
    input: new Input(parseJson(body), jsonParameterError),
    answer: (output) => ({
      status: 200,
      headers: { 'content-type': contentType },
      body: JSON.stringify(output ?? {}),
    }),
    fault: ({ code, message, status }) => ({
      status,
      headers: { 'content-type': contentType, 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message }),
    }),
  };
}

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

const queryParameterError: ParameterError = (name, problem, value) =>
  new ServiceError(
    'ValidationError',
    problem === 'missing'
      ? `The request must contain the parameter ${name}`
      : `${show(value)} is not a valid value for ${name}`,
  );

const jsonParameterError: ParameterError = (name, problem, value) =>
  new ServiceError(
    'ValidationException',
    problem === 'missing'
      ? `Missing required parameter ${name}`
      : `${show(value)} is not a valid value for ${name}`,
  );

const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
