import { formatDuration } from '../run/format.ts';
import { change } from './diff.ts';

/** Fields that count milliseconds. */
const DURATIONS = ['warmup', 'period', 'heartbeat'];

/** What differs between two plain values, a line per field ("rule.target 10 → 20"). Empty when they say the same. */
export function fieldChanges(have: object, want: object): string[] {
  const [before, after] = [fieldsOf(have), fieldsOf(want)];
  const names = new Set([...after.keys(), ...before.keys()]);
  return [...names].flatMap((name) => change(name, before.get(name), after.get(name)));
}

/** Every leaf by its path, in words. */
function fieldsOf(value: object, above: string[] = []): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [key, part] of Object.entries(value)) {
    const path = [...above, Array.isArray(value) ? String(Number(key) + 1) : key];
    if (part === undefined) continue;
    if (typeof part === 'object' && part !== null)
      for (const [name, text] of fieldsOf(part, path)) fields.set(name, text);
    else fields.set(path.join(' '), DURATIONS.includes(key) ? formatDuration(part) : String(part));
  }
  return fields;
}
