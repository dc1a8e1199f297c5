import type { Known } from '../config/known.ts';

/** A key of bake.yaml, with what the schema says of it. */
export interface Key {
  name: string;
  /** As it is written in the documentation: `image.layers[].name`; names that the user gives stand as `<name>`. */
  path: string;
  schema: Known;
  /** Whether the map that it stands in must have it. */
  required: boolean;
  /** Where one of several forms may stand, the keys that tell the ones which have this key. */
  forms: string[];
}

/** What stands for a name that the user gives. */
export const NAME = '<name>';

/** The keys of a map, or of the maps in a list, whichever of its forms it has. */
export function keysOf(schema: Known, path = ''): Key[] {
  if (schema.items) return keysOf(schema.items, `${path}[]`);
  const forms = schema.anyOf?.filter((form) => form.properties) ?? [];
  if (forms.length > 1) return keysOfForms(forms, path);
  const [map = schema] = forms;
  const named =
    typeof map.additionalProperties === 'object' ? [[NAME, map.additionalProperties] as const] : [];
  return [...Object.entries(map.properties ?? {}), ...named].map(([name, inner]) => ({
    name,
    path: path === '' ? name : `${path}.${name}`,
    schema: inner,
    required: map.required?.includes(name) ?? false,
    forms: [],
  }));
}

/** Each key once. One that some of the forms have only says which. */
function keysOfForms(forms: Known[], path: string): Key[] {
  const found = new Map<string, Key>();
  for (const form of forms) {
    for (const key of keysOf(form, path)) {
      const known = found.get(key.name);
      const telling = tellingKey(form, forms);
      // What tells a form is needed for that form only.
      const required = key.required && key.name !== telling;
      found.set(key.name, { ...key, required, forms: [...(known?.forms ?? []), telling] });
    }
  }
  return [...found.values()].map((key) => (key.forms.length === forms.length ? { ...key, forms: [] } : key));
}

/** The required key that no other form has. */
const tellingKey = (form: Known, forms: Known[]): string =>
  form.required?.find((key) => forms.every((other) => other === form || !other.properties?.[key])) ?? '';

/** Every key below a schema, parents before their children. `leave` says what is not gone into. */
export function allKeys(schema: Known, leave: (key: Key) => boolean = () => false, path = ''): Key[] {
  return keysOf(schema, path).flatMap((key) => [
    key,
    ...(leave(key) ? [] : allKeys(key.schema, leave, key.path)),
  ]);
}

/** Where a key leads: the key, or how far it is known and what there is at that point. */
export type Found = { key: Key } | { known: Key | undefined; unknown: string; candidates: string[] };

/** Follows `image.layers[0].name`: indices may be left out, and any name stands where the user gives names. */
export function findKey(schema: Known, text: string): Found {
  const steps = text
    .replaceAll(/\[\d*\]/g, '')
    .split('.')
    .filter((step) => step !== '' && !/^\d+$/.test(step));
  let key: Key | undefined;
  for (const step of steps) {
    const keys = key ? keysOf(key.schema, key.path) : keysOf(schema);
    const next =
      keys.find(({ name }) => name === step) ?? keys.find(({ name }) => name === NAME && isName(step));
    if (!next) return { known: key, unknown: step, candidates: keys.map(({ name }) => name) };
    key = next;
  }
  return key
    ? { key }
    : { known: undefined, unknown: text, candidates: keysOf(schema).map(({ name }) => name) };
}

const isName = (step: string): boolean => /^[\w<>-]+$/.test(step);
