/** The SDK's static schemas, as in `sdk-schema.ts`: `[kind, namespace, name, traits, names, schemas]`, or a number for simple types. */
type Schema = unknown;

const SIMPLE_WITH_TRAITS = 0;
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const UNION = 4;
const LIST_OF = 64;
const MAP_OF = 128;

/** Names of a structure's members, as the official client knows them. */
export const membersOf = (structure: Schema): string[] => (resolve(structure) as unknown[])[4] as string[];

/** A value in which every member of a structure is set, down to the last; `seed` makes another one. */
export function sampleOf<T>(schema: Schema, seed = 1): T {
  return sample(schema, seed, '') as T;
}

function sample(reference: Schema, seed: number, name: string): unknown {
  const schema = resolve(reference);
  if (typeof schema === 'number') {
    if (schema & LIST_OF) return [sample(schema & ~LIST_OF, seed, name)];
    if (schema & MAP_OF) return { key: sample(schema & ~MAP_OF, seed, name) };
    return simple(schema, seed, name);
  }
  const [kind, , , , names, of] = schema as [number, string, string, unknown, unknown, Schema[]];
  if (kind === SIMPLE_WITH_TRAITS) return sample(names, seed, name);
  if (kind === LIST) return [sample(names, seed, name)];
  if (kind === MAP) return { key: sample(of, seed, name) };
  if (kind !== STRUCTURE && kind !== UNION) throw new Error(`a schema of an unknown kind: ${kind}`);
  const members = (names as string[]).map((member, index) => [member, sample(of[index], seed, member)]);
  return Object.fromEntries(kind === UNION ? members.slice(0, 1) : members);
}

const SIMPLE: Record<number, (seed: number, name: string) => unknown> = {
  0: (seed, name) => `${name}-${seed}`,
  1: (seed) => seed,
  2: (seed) => seed % 2 === 1,
  4: instant,
  5: instant,
  7: instant,
};

/** In the far future: what is over is not copied. */
function instant(seed: number): Date {
  return new Date(4_000_000_000_000 + seed * 1_000);
}

function simple(schema: number, seed: number, name: string): unknown {
  const make = SIMPLE[schema];
  if (!make) throw new Error(`${name}: a simple type of an unknown kind: ${schema}`);
  return make(seed, name);
}

/** A reference may be a function, and may carry traits: `[schema, traits]`. */
function resolve(reference: Schema): Schema {
  if (typeof reference === 'function') return resolve(reference());
  return Array.isArray(reference) && reference.length === 2 ? resolve(reference[0]) : reference;
}
