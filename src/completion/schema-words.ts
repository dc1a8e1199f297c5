import { readFileSync } from 'node:fs';
import type { Known } from '../config/known.ts';
import { findKey, keysOf, NAME } from '../reference/keys.ts';

/** As it was written to a file: making it anew from the program's own schema takes ten times as long. */
const published = (): Known =>
  JSON.parse(readFileSync(new URL('../../schema/bake.schema.json', import.meta.url), 'utf8'));

/** The values that a key of bake.yaml may have. Throws when the schema has no such key: that is a defect. */
export function valuesOfKey(path: string): string[] {
  const found = findKey(published(), path);
  if (!('key' in found)) throw new Error(`bake.yaml has no key ${path}`);
  return found.key.schema.enum ?? [];
}

/** The keys that a half typed one may become: one level at a time. */
export function keysFrom(typed: string): { value: string; description: string }[] {
  const schema = published();
  const cut = typed.lastIndexOf('.');
  const above = cut < 0 ? undefined : findKey(schema, typed.slice(0, cut));
  if (above && !('key' in above)) return [];
  const keys = above ? keysOf(above.key.schema, above.key.path) : keysOf(schema);
  const stem = typed.slice(0, cut + 1);
  return keys
    .filter(({ name }) => name !== NAME)
    .map(({ name, schema: { description = '' } }) => ({ value: `${stem}${name}`, description }));
}
