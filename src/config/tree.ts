import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';

/** A place in the source text: offsets of the first character and the one after the last. */
export type Span = readonly [start: number, end: number];

/** A YAML value that knows where it was written. Aliases are followed; merging keeps every value's own place. */
export type Tree =
  | { kind: 'map'; entries: Map<string, Entry>; span: Span }
  | { kind: 'list'; items: Tree[]; span: Span }
  | { kind: 'scalar'; value: unknown; span: Span; substituted?: boolean };

export interface Entry {
  key: Span;
  value: Tree;
}

export type Path = readonly PropertyKey[];

/** More values than any real configuration has: aliases that multiply each other are stopped here. */
const MOST_NODES = 100_000;

/** The tree of a parsed document. `complain` is called for aliases that lead nowhere or into themselves. */
export function treeOf(document: Document, complain: (span: Span, message: string) => void): Tree {
  let nodes = 0;
  const open = new Set<Node>();

  const convert = (node: Node | null | undefined, empty: Span): Tree => {
    if (!node || ++nodes > MOST_NODES) return nothing(empty);
    const span: Span = node.range ? [node.range[0], node.range[1]] : empty;
    if (isAlias(node)) return follow(node, span);
    open.add(node);
    const tree = convertOpen(node, span);
    open.delete(node);
    return tree;
  };

  const convertOpen = (node: Node, span: Span): Tree => {
    if (isMap(node)) {
      const entries = new Map<string, Entry>();
      for (const { key, value } of node.items) {
        const keySpan = spanOf(key as Node) ?? span;
        const name = isScalar(key) ? String(key.value) : String(key);
        entries.set(name, { key: keySpan, value: convert(value as Node | null, keySpan) });
      }
      return { kind: 'map', entries, span };
    }
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => convert(item as Node, span)), span };
    const scalar = node as Scalar;
    return { kind: 'scalar', value: scalar.value, span };
  };

  const follow = (alias: Alias, span: Span): Tree => {
    const target = alias.resolve(document);
    if (target && !open.has(target)) return convert(target, span);
    complain(span, target ? `*${alias.source} contains itself` : `no anchor &${alias.source} before this`);
    return nothing(span);
  };

  return convert(document.contents, [0, 0]);
}

const nothing = (span: Span): Tree => ({ kind: 'scalar', value: null, span });

const spanOf = (node: Node | null | undefined): Span | undefined =>
  node?.range ? [node.range[0], node.range[1]] : undefined;

/**
 * `override` over `base`: maps merge key by key, lists and scalars replace; so does a map where `replaces` says so.
 */
export function merge(
  base: Tree,
  override: Tree,
  replaces: (path: Path, base: Tree, override: Tree) => boolean,
  path: Path = [],
): Tree {
  if (base.kind !== 'map' || override.kind !== 'map' || replaces(path, base, override)) return override;
  const entries = new Map(base.entries);
  for (const [name, { key, value }] of override.entries) {
    const below = entries.get(name);
    entries.set(name, { key, value: below ? merge(below.value, value, replaces, [...path, name]) : value });
  }
  return { kind: 'map', entries, span: base.span };
}

/** A copy with every scalar passed through `change`. */
export function mapScalars(
  tree: Tree,
  change: (scalar: Tree & { kind: 'scalar' }, path: Path) => Tree,
  path: Path = [],
): Tree {
  if (tree.kind === 'scalar') return change(tree, path);
  if (tree.kind === 'list')
    return { ...tree, items: tree.items.map((item, index) => mapScalars(item, change, [...path, index])) };
  const entries = new Map(
    [...tree.entries].map(([name, { key, value }]) => [
      name,
      { key, value: mapScalars(value, change, [...path, name]) },
    ]),
  );
  return { ...tree, entries };
}

/** The plain value. */
export function plainValue(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plainValue);
  return Object.fromEntries([...tree.entries].map(([name, { value }]) => [name, plainValue(value)]));
}

/** What is at a path, with the place of its key where it has one; undefined when nothing is there. */
export function at(tree: Tree, path: Path): { value: Tree; key?: Span } | undefined {
  let found: { value: Tree; key?: Span } = { value: tree };
  for (const step of path) {
    const inside = found.value;
    if (inside.kind === 'map') {
      const entry = inside.entries.get(String(step));
      if (!entry) return undefined;
      found = entry;
    } else if (inside.kind === 'list') {
      const item = inside.items[Number(step)];
      if (!item) return undefined;
      found = { value: item };
    } else return undefined;
  }
  return found;
}
