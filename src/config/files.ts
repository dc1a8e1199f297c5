import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LARGEST_USER_DATA } from '../clouds/limits.ts';
import { didYouMean } from './known.ts';
import type { Problems } from './problems.ts';
import { shippedName, shippedNames, shippedScalingNames } from './shipped.ts';
import { at, type Path, type Tree } from './tree.ts';

/** Checks every file that the configuration names, so that a run does not find out half-way. */
export function checkFiles(tree: Tree, directory: string, problems: Problems): void {
  const named = (path: Path, check: (stats: Stats) => string | undefined) => {
    const value = at(tree, path)?.value;
    if (value?.kind !== 'scalar' || typeof value.value !== 'string') return;
    const kind = SHIPPED[String(path.at(-1))];
    const shipped = kind && shippedName(value.value);
    if (kind && shipped !== undefined) {
      const wrong = unknownShipped(shipped, kind);
      if (wrong) problems.add(value.span, path, wrong);
      return;
    }
    const stats = statSync(resolve(directory, value.value), { throwIfNoEntry: false });
    const wrong = stats ? check(stats) : `does not exist${similarFile(directory, value.value)}`;
    if (wrong) problems.add(value.span, path, `${value.value} ${wrong}`);
  };
  const largest = LARGEST_USER_DATA[cloudOf(tree)];
  const aFile = (stats: Stats) => (stats.isFile() ? undefined : 'is not a file');

  for (const path of provisionerPaths(tree)) {
    named([...path, 'script'], aFile);
    named([...path, 'upload'], (stats) =>
      stats.isFile() || stats.isDirectory() ? undefined : 'is neither a file nor a directory',
    );
  }
  for (const index of itemsAt(tree, ['fleet', 'scaling']))
    named(['fleet', 'scaling', index, 'policy'], aFile);
  for (const path of [
    ['fleet', 'userData'],
    ...imagePaths(tree).map((image) => [...image, 'test', 'userData']),
  ])
    named(path, (stats) => {
      if (!stats.isFile() || stats.size <= largest) return aFile(stats);
      return `has ${stats.size} bytes; user data may have at most ${largest}`;
    });
}

/** What a tree says that has not been checked yet. */
function cloudOf(tree: Tree): keyof typeof LARGEST_USER_DATA {
  const cloud = at(tree, ['cloud'])?.value;
  return cloud?.kind === 'scalar' && cloud.value === 'alicloud' ? 'alicloud' : 'aws';
}

/** What may be named instead of a file, by the key that names it. */
const SHIPPED: Record<string, { what: string; names: () => string[] }> = {
  script: { what: 'provisioner', names: shippedNames },
  policy: { what: 'scaling file', names: shippedScalingNames },
};

function unknownShipped(name: string, kind: { what: string; names: () => string[] }): string | undefined {
  const names = kind.names();
  if (names.includes(name)) return undefined;
  return `no ${kind.what} "bake:${name}" comes with bake${didYouMean(name, names)}; there is ${names.join(', ')}`;
}

/** Where an image may stand: under `image`, or by its name under `images`. */
function imagePaths(tree: Tree): Path[] {
  const several = at(tree, ['images'])?.value;
  const images = several?.kind === 'map' ? [...several.entries.keys()].map((name) => ['images', name]) : [];
  return [['image'], ...images];
}

function provisionerPaths(tree: Tree): Path[] {
  return imagePaths(tree).flatMap((image) =>
    itemsAt(tree, [...image, 'layers']).flatMap((layer) => {
      const path = [...image, 'layers', layer, 'provisioners'];
      return itemsAt(tree, path).map((index) => [...path, index]);
    }),
  );
}

function itemsAt(tree: Tree, path: Path): number[] {
  const list = at(tree, path)?.value;
  return list?.kind === 'list' ? [...list.items.keys()] : [];
}

/** `, did you mean "…"?`: a file of nearly the same name in the same directory. */
export function similarFile(directory: string, name: string): string {
  const folder = resolve(directory, dirname(name));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return '';
  return didYouMean(basename(name), readdirSync(folder)).replace(
    '"',
    () => `"${join(dirname(name), '/').replace(/^\.\//, '')}`,
  );
}
