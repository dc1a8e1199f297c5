import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

type Json = Record<string, unknown>;

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Json;
}

interface Operation {
  operationId: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, { $ref: string } | { content?: Record<string, { schema: Json }> }>;
}

/** One of GitHub's operations, and what its published description says of requests and answers. */
export interface Described {
  id: string;
  method: string;
  /** Groups by name: the parameters of the path, encoded. */
  path: RegExp;
  /** What is wrong with a request: empty where nothing is. */
  request(parts: { path: Json; query: Record<string, string>; body: unknown }): string[];
  /** What is wrong with an answer. */
  answer(status: number, body: unknown): string[];
}

const ID = 'github';
const api = JSON.parse(readFileSync(new URL('../github-api.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Json>>;
};

/** OpenAPI 3.0 has `nullable` where JSON schema has a type of its own. */
function plainSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainSchema);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Json;
  const plain = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plainSchema(value)]));
  return nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}

const matching = (pattern: RegExp) => ({
  type: 'string' as const,
  validate: (text: string) => pattern.test(text),
});
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  // What is compiled is used a few times only: a part once, and as it comes.
  inlineRefs: false,
  code: { optimize: false },
  formats: {
    'date-time': {
      type: 'string',
      validate: (text: string) => !Number.isNaN(Date.parse(text)) && /T.*Z$/.test(text),
    },
    // An address that is not known is empty at GitHub.
    uri: { type: 'string', validate: (text: string) => text === '' || URL.canParse(text) },
    email: matching(/^\S+@\S+$/),
    'repo.nwo': matching(/^[\w.-]+\/[\w.-]+$/),
    int64: true,
  },
});
ajv.addSchema(plainSchema(api) as Json, ID);

const pointer = (...path: string[]) =>
  `${ID}#/${path.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value, by the part of the description at `path`. */
function wrong(what: string, value: unknown, ...path: string[]): string[] {
  const ref = pointer(...path);
  const validate = compiled.get(ref) ?? ajv.compile({ $ref: ref });
  compiled.set(ref, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** A part of the description by its `$ref`, where it is one. */
function followed<T>(node: T | { $ref: string }, path: string[]): { node: T; path: string[] } {
  if (!(typeof node === 'object' && node !== null && '$ref' in node)) return { node: node as T, path };
  const at = node.$ref.slice(2).split('/');
  return { node: at.reduce<unknown>((part, key) => (part as Json)[key], api) as T, path: at };
}

/** Refusals that any operation may answer with, whether its description lists them or not. */
const ANYWHERE = [401, 403, 404, 429, 500, 502, 503];

function describe(path: string, method: string, operation: Operation): Described {
  const at = ['paths', path, method];
  const parameters = (operation.parameters ?? []).map((parameter, index) =>
    followed<Parameter>(parameter, [...at, 'parameters', String(index)]),
  );
  const groups = path.replaceAll('.', '\\.').replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) =>
      // A name of git's has slashes, which a client may encode or not.
      `(?<${name}>${['ref', 'branch', 'basehead'].includes(name) ? '.+' : '[^/]+'})`,
  );
  const values = (where: 'path' | 'query', given: Json) =>
    parameters
      .filter(({ node }) => node.in === where)
      .flatMap(({ node, path: of }) => {
        const value = given[node.name];
        if (value === undefined) return node.required ? [`${where} ${node.name} is missing`] : [];
        return wrong(`${where} ${node.name}`, typed(value, node.schema), ...of, 'schema');
      });
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path: new RegExp(`^${groups}$`),
    request({ path: inPath, query, body }) {
      const known = parameters.filter(({ node }) => node.in === 'query').map(({ node }) => node.name);
      const strange = Object.keys(query).filter((name) => !known.includes(name));
      return [
        ...strange.map((name) => `query ${name} is not described`),
        ...values('path', inPath),
        ...values('query', query),
        ...(operation.requestBody
          ? bodyProblems(operation.requestBody, body, at)
          : body === undefined
            ? []
            : ['a body is not described']),
      ];
    },
    answer(status, body) {
      const response = operation.responses[status];
      if (!response && !ANYWHERE.includes(status)) return [`status ${status} is not described`];
      const { node, path: of } = followed<{ content?: Json }>(response ?? {}, [
        ...at,
        'responses',
        String(status),
      ]);
      if (node.content?.['application/json'])
        return wrong('answer', body, ...of, 'content', 'application/json', 'schema');
      if (status >= 400) return wrong('answer', body, 'components', 'schemas', 'basic-error');
      return body === undefined ? [] : ['a body is not described'];
    },
  };
}

function bodyProblems(
  described: NonNullable<Operation['requestBody']>,
  body: unknown,
  at: string[],
): string[] {
  if (body === undefined) return described.required ? ['the body is missing'] : [];
  const { schema } = described.content['application/json']!;
  const known = Object.keys((schema.properties ?? {}) as Json);
  const strange = Object.keys(body as Json).filter((key) => !known.includes(key));
  return [
    ...strange.map((key) => `body ${key} is not described`),
    ...wrong('body', body, ...at, 'requestBody', 'content', 'application/json', 'schema'),
  ];
}

/** In a URL everything is text. */
function typed(value: unknown, schema: Json): unknown {
  const texts = schema.type === 'string' || typeof value !== 'string' || value === '';
  if (texts || !/integer|number/.test(JSON.stringify(schema))) return value;
  return Number.isNaN(Number(value)) ? value : Number(value);
}

export const operations: Described[] = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => describe(path, method, operation)),
);

/**
 * A value with what its schema requires and `known` does not say: neutral values of the right type. What nobody reads
 * has to be there all the same for an answer to be GitHub's.
 */
export function complete(schema: string, known: Json): Json {
  return filled(`#/components/schemas/${schema}`, known);
}

function filled(ref: string, known: Json): Json {
  const { node } = followed<Json>({ $ref: ref }, []);
  const properties = (node.properties ?? {}) as Record<string, Json>;
  const missing = ((node.required ?? []) as string[]).filter((name) => !(name in known));
  return { ...Object.fromEntries(missing.map((name) => [name, neutral(properties[name]!)])), ...known };
}

function neutral(schema: Json): unknown {
  if (schema.$ref) {
    const { node } = followed<Json>(schema as { $ref: string }, []);
    return node.properties && !node.nullable ? filled(schema.$ref as string, {}) : neutral(node);
  }
  if (schema.nullable) return null;
  const [first] = (schema.oneOf ?? schema.anyOf ?? schema.allOf ?? []) as Json[];
  if (first) return neutral(first);
  if (schema.enum) return (schema.enum as unknown[])[0];
  switch (schema.type) {
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, Json>;
      const required = (schema.required ?? []) as string[];
      return Object.fromEntries(required.map((name) => [name, neutral(properties[name]!)]));
    }
    default:
      return (
        { uri: 'http://127.0.0.1/', 'date-time': '2026-01-01T00:00:00Z', email: 'nobody@example.com' }[
          String(schema.format)
        ] ?? ''
      );
  }
}
