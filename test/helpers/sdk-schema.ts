import type { Flat } from '../../src/localcloud/wire/xml.ts';

/** The SDK's static schemas: `[kind, namespace, name, traits, names, schemas]`, or a number for simple types. */
type Schema = unknown;
type Traits = Record<string, string>;

const LIST = 1;
const STRUCTURE = 3;
/** Flag on a number: a list of that simple type. */
const LIST_OF = 64;
const SIMPLE: Record<number, (value: unknown) => boolean> = {
  0: (value) => typeof value === 'string',
  1: (value) => typeof value === 'number',
  2: (value) => typeof value === 'boolean',
  4: (value) => value instanceof Date,
  5: (value) => value instanceof Date,
};

/**
 * What an answer, as an operation gives it, has that the official client does not know, or knows to be of another type: a list of
 * paths. `operation` is the client's own schema of the operation.
 */
export function strangeParts(operation: Schema, answer: unknown): string[] {
  const [, , , , , output] = operation as unknown[];
  // What answers nothing says `return` on the wire, of which clients know nothing.
  if (isUnit(resolve(output))) return compare(RETURN, {}, answer, '');
  return compare(output, {}, answer, '');
}

const RETURN = [STRUCTURE, '', '', 0, ['return'], [2]];
const isUnit = (schema: Schema) =>
  typeof schema === 'string' || (schema as unknown[] | undefined)?.[2] === 'Unit';

function compare(reference: Schema, traits: Traits, value: unknown, path: string): string[] {
  const schema = resolve(reference);
  if (value === undefined || value === null) return [];
  if (typeof schema === 'number') return compareNumber(schema, traits, value, path);
  const [kind, , , , names, of] = schema as [number, string, string, unknown, unknown, Schema[]];
  if (kind === LIST) return compareList(names, value, path);
  if (kind !== STRUCTURE) return compare((schema as unknown[])[4], {}, value, path);
  if (typeof value !== 'object') return [`${path}: not a structure`];
  const members = new Map((names as string[]).map((name, index) => memberOf(name, of[index])));
  return Object.entries(value).flatMap(([name, part]) => {
    if (part === undefined || part === null) return [];
    const member = members.get(name);
    return member
      ? compare(member.schema, member.traits, part, `${path}.${name}`)
      : [`${path}.${name}: unknown`];
  });
}

function compareNumber(schema: number, traits: Traits, value: unknown, path: string): string[] {
  if (schema & LIST_OF) return compareList(schema & ~LIST_OF, value, path);
  const fits = SIMPLE[schema];
  return fits && !fits(value) ? [`${path}: ${typeof value} ${JSON.stringify(traits)}`] : [];
}

/** The name of a list's items is `item`, unless the operation writes another one. */
function compareList(reference: Schema, value: unknown, path: string): string[] {
  const [item, written] = Array.isArray(value)
    ? ['item', value]
    : Object.entries(value as object).map(([name, flat]) => [name, (flat as Flat).items] as const)[0]!;
  const { schema, traits } = traitsOf(reference);
  const expected = traits.xmlName ?? 'member';
  const wrong = expected === item ? [] : [`${path}: items are called ${item}, not ${expected}`];
  return [...wrong, ...(written as unknown[]).flatMap((part) => compare(schema, traits, part, `${path}[]`))];
}

function memberOf(name: string, reference: Schema): [string, { schema: Schema; traits: Traits }] {
  const { schema, traits } = traitsOf(reference);
  return [traits.xmlName ?? name, { schema, traits }];
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
