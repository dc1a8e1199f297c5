import type { FilterFields } from './filters.ts';

/**
 * Filters that look at what the answer shows: `network-interface.attachment.device-index` is the path
 * `networkInterfaceSet[].attachment.deviceIndex`. A name that leads nowhere is a filter all the same, and lets nothing through:
 * EC2 has it, and nothing here has a value for it.
 */
export function viewFields<T>(names: string, view: (record: T) => object | undefined): FilterFields<T> {
  return Object.fromEntries(
    pathsOf(names).map(([name, path]) => [name, (record: T) => follow([view(record)], path).map(text)]),
  );
}

/** Asked for with every request: read once. */
const known = new Map<string, [name: string, path: string[]][]>();

function pathsOf(names: string): [name: string, path: string[]][] {
  let paths = known.get(names);
  if (!paths) {
    const each = names.split(/\s+/).filter(Boolean);
    paths = each.map((name) => [name, name.split('.').map(camel)]);
    known.set(names, paths);
  }
  return paths;
}

const camel = (name: string) => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function follow(from: unknown[], path: string[]): unknown[] {
  return path.reduce((found, name) => found.flatMap((value) => step(value, name)), from.flat());
}

/** Lists are plural, or end in `Set`; a volume's settings lie one level deeper. */
function step(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const within = value as Record<string, unknown>;
  const key = [name, `${name}Set`, `${name}s`, `${name}es`, `${name}sSet`].find((one) => one in within);
  if (key !== undefined) return [within[key]].flat();
  return 'ebs' in within ? step(within.ebs, name) : [];
}

const text = (value: unknown): string | undefined => {
  if (value instanceof Date) return value.toISOString();
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
};
