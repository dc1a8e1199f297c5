/**
 * Form-encoded parameters of the query protocols as nested values: `Filter.1.Value.2=x` becomes
 * `{ Filter: [{ Value: [, 'x'] }] }` without the gap; the `member` and `entry` levels of AWS Query vanish.
 */
export function parseForm(body: string): Record<string, unknown> {
  const root: Node = new Map();
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.split('.').filter((part, at, all) => !isListMarker(part, all[at + 1]));
    if (path.length > 16) continue;
    let node = root;
    for (const part of path.slice(0, -1)) {
      const next = node.get(part);
      if (next instanceof Map) node = next;
      else {
        const made: Node = new Map();
        node.set(part, made);
        node = made;
      }
    }
    const last = path[path.length - 1];
    if (last !== undefined) node.set(last, value);
  }
  const value = plain(root);
  return Array.isArray(value) ? { ...value } : (value as Record<string, unknown>);
}

type Node = Map<string, Node | string>;

const isListMarker = (part: string, next: string | undefined) =>
  (part === 'member' || part === 'entry') && /^\d+$/.test(next ?? '');

function plain(node: Node | string): unknown {
  if (typeof node === 'string') return node;
  const entries = [...node];
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => plain(item));
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}
