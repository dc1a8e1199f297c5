import type { Flat } from '../../src/localcloud/wire/xml.ts';
import required from './required-members.json' with { type: 'json' };

/** The SDK's static schemas: `[kind, namespace, name, traits, names, schemas]`, or a number for simple types. */
type Schema = unknown;
type Traits = Record<string, string>;

const SIMPLE_WITH_TRAITS = 0;
const LIST = 1;
const MAP = 2;
/** Flags on a number: a list, a map of that simple type. */
const LIST_OF = 64;
const MAP_OF = 128;

/** How a protocol writes lists (the name of an item; JSON has none) and dates. */
export type Style = 'item' | 'member' | 'json';

interface Context {
  style: Style;
  /** Members that a structure always has, by its name. */
  required: Record<string, string[]>;
}

const text = (value: unknown, { style }: Context) =>
  style === 'member' ? typeof value !== 'object' : typeof value === 'string';
/** In XML everything is text: what is handed on as it was given is right when it reads as what it should be. */
const written = (value: unknown, { style }: Context, pattern: RegExp) =>
  style === 'member' && typeof value === 'string' && pattern.test(value);
const date = (value: unknown, { style }: Context) =>
  style === 'json' ? typeof value === 'number' : value instanceof Date;
const SIMPLE: Record<number, (value: unknown, context: Context) => boolean> = {
  0: text,
  1: (value, context) => typeof value === 'number' || written(value, context, /^-?[\d.]+(e[+-]?\d+)?$/i),
  2: (value, context) => typeof value === 'boolean' || written(value, context, /^(true|false)$/),
  4: date,
  5: date,
  7: date,
  21: text,
};

/**
 * What an answer, as an operation gives it, has that the official client does not know, knows to be of another type, or misses: a
 * list of paths. `operation` is the client's own schema of the operation; `service` the name in the signature.
 */
export function strangeParts(
  operation: Schema,
  answer: unknown,
  service = 'ec2',
  style: Style = 'item',
): string[] {
  const [, , , , , output] = operation as unknown[];
  const context = { style, required: (required as Record<string, Record<string, string[]>>)[service] ?? {} };
  // What answers nothing says `return` in EC2's protocol, of which clients know nothing.
  const nothing = isUnit(resolve(output));
  const onWire = style === 'json' ? JSON.parse(JSON.stringify(answer ?? {})) : (answer ?? {});
  return compare(nothing ? (style === 'item' ? RETURN : EMPTY) : output, {}, onWire, '', context);
}

const RETURN = [3, '', '', 0, ['return'], [2]];
const EMPTY = [3, '', '', 0, [], []];
const isUnit = (schema: Schema) =>
  typeof schema === 'string' || (schema as unknown[] | undefined)?.[2] === 'Unit';

function compare(
  reference: Schema,
  traits: Traits,
  value: unknown,
  path: string,
  context: Context,
): string[] {
  const schema = resolve(reference);
  if (value === undefined || value === null) return [];
  if (typeof schema === 'number') return compareNumber(schema, traits, value, path, context);
  const [kind, , name, , members, of] = schema as [number, string, string, unknown, unknown, Schema];
  if (kind === SIMPLE_WITH_TRAITS) return compare(members, {}, value, path, context);
  if (kind === LIST) return compareList(members, value, path, context);
  if (kind === MAP) return compareMap(of, value, path, context);
  return compareStructure(name, members as string[], of as Schema[], value, path, context);
}

function compareStructure(
  name: string,
  names: string[],
  of: Schema[],
  value: unknown,
  path: string,
  context: Context,
): string[] {
  if (typeof value !== 'object') return [`${path}: not a structure`];
  const given = Object.entries(value as object).filter(([, part]) => part !== undefined && part !== null);
  const members = new Map(names.map((member, index) => memberOf(member, of[index], context)));
  const missing = (context.required[name] ?? [])
    .map((member) => [...members].find(([, { own }]) => own === member)?.[0] ?? member)
    .filter((member) => !given.some(([present]) => present === member));
  return [
    ...missing.map((member) => `${path}.${member}: missing`),
    ...given.flatMap(([key, part]) => {
      const member = members.get(key);
      return member
        ? compare(member.schema, member.traits, part, `${path}.${key}`, context)
        : [`${path}.${key}: unknown`];
    }),
  ];
}

function compareNumber(schema: number, traits: Traits, value: unknown, path: string, context: Context) {
  if (schema & LIST_OF) return compareList(schema & ~LIST_OF, value, path, context);
  if (schema & MAP_OF) return compareMap(schema & ~MAP_OF, value, path, context);
  const fits = SIMPLE[schema];
  return fits && !fits(value, context) ? [`${path}: ${typeof value} ${JSON.stringify(traits)}`] : [];
}

/** The name of a list's items is the protocol's own, unless the operation writes another one. */
function compareList(reference: Schema, value: unknown, path: string, context: Context): string[] {
  const { schema, traits } = traitsOf(reference);
  if (context.style === 'json') {
    if (!Array.isArray(value)) return [`${path}: not a list`];
    return value.flatMap((part) => compare(schema, traits, part, `${path}[]`, context));
  }
  const [item, written] = Array.isArray(value)
    ? [context.style, value]
    : Object.entries(value as object).map(([name, flat]) => [name, (flat as Flat).items] as const)[0]!;
  const expected = traits.xmlName ?? 'member';
  const wrong = expected === item ? [] : [`${path}: items are called ${item}, not ${expected}`];
  return [
    ...wrong,
    ...(written as unknown[]).flatMap((part) => compare(schema, traits, part, `${path}[]`, context)),
  ];
}

/** Only JSON's: no answer in XML here has one. */
function compareMap(reference: Schema, value: unknown, path: string, context: Context): string[] {
  if (typeof value !== 'object') return [`${path}: not a map`];
  const { schema, traits } = traitsOf(reference);
  return Object.values(value as object).flatMap((part) =>
    compare(schema, traits, part, `${path}{}`, context),
  );
}

interface Member {
  schema: Schema;
  traits: Traits;
  /** Its name in the model, which on the wire may be another. */
  own: string;
}

function memberOf(name: string, reference: Schema, { style }: Context): [string, Member] {
  const { schema, traits } = traitsOf(reference);
  return [(style === 'json' ? undefined : traits.xmlName) ?? name, { schema, traits, own: name }];
}

/** A reference may carry traits: `[schema, traits]`. */
function traitsOf(reference: Schema): { schema: Schema; traits: Traits } {
  const value = resolve(reference);
  const carries = Array.isArray(value) && value.length === 2;
  return carries ? { schema: value[0], traits: named(value[1]) } : { schema: value, traits: {} };
}

const named = (traits: unknown): Traits =>
  typeof traits === 'object' && traits !== null ? (traits as Traits) : {};

const resolve = (reference: Schema): Schema =>
  typeof reference === 'function' ? resolve(reference()) : reference;
