/** Something that a group has, as it can be compared: a setting or a policy, a hook, an alarm … by name. */
export interface Part {
  /** "policy scale-out". */
  key: string;
  fields: object;
}

/** What is not the same in one part. */
export interface Difference {
  key: string;
  sentences: string[];
}

/** Lists whose order means something. */
const ORDERED = ['TerminationPolicies', 'Overrides'];
/** Longest value in a sentence. */
const LONGEST = 160;

/** Every part that is not as it should be, field by field: in the service's own words, so that a new field is seen too. */
export function differencesBetween(
  meant: Part[],
  made: Part[],
  names: { from: string; to: string },
): Difference[] {
  const found = new Map(made.map((part) => [part.key, part.fields]));
  const expected = new Set(meant.map(({ key }) => key));
  const missingOrChanged = meant.map(({ key, fields }): Difference => {
    const other = found.get(key);
    if (!other) return { key, sentences: [`${names.to} lacks the ${key} of ${names.from}`] };
    return { key, sentences: changedFields(key, fields, other, names) };
  });
  const added = made
    .filter(({ key }) => !expected.has(key))
    .map(
      ({ key }): Difference => ({
        key,
        sentences: [`${names.to} has a ${key}, which ${names.from} has not`],
      }),
    );
  return [...missingOrChanged, ...added].filter(({ sentences }) => sentences.length > 0);
}

function changedFields(key: string, meant: object, made: object, { from, to }: { from: string; to: string }) {
  const [a, b] = [canonical(meant), canonical(made)] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].sort();
  return names
    .filter((name) => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name]))
    .map((name) => `${key}: ${name} is ${shown(a?.[name])} in ${from}, ${shown(b?.[name])} in ${to}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The same value for all ways to write it: fields and lists in one order, nothing for what is empty. */
function canonical(value: unknown, key = ''): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item)).filter((item) => item !== undefined);
    if (items.length === 0) return undefined;
    return ORDERED.includes(key)
      ? items
      : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object') return value === '' ? undefined : value;
  if (value === null) return undefined;
  const fields = Object.entries(value)
    .map(([name, part]) => [name, canonical(part, name)] as const)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
