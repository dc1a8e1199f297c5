import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { splitUnitName } from './specifiers.ts';
import { UnitFile } from './unit-file.ts';

export const CONFIG_DIRECTORY = '/etc/systemd/system';

/** systemd.unit(5), "Unit File Load Path": the first one that has a unit wins. */
const SEARCH_PATH = [
  CONFIG_DIRECTORY,
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export interface LoadedUnit {
  /** Its real name: an alias leads to the unit it stands for. */
  name: string;
  loadState: 'loaded' | 'masked';
  path: string;
  dropIns: string[];
  file: UnitFile;
}

/** `worker` means `worker.service`. */
export const unitName = (name: string) =>
  /\.(service|target|timer|socket|path|mount|slice|automount|swap|scope|device)$/.test(name)
    ? name
    : `${name}.service`;

/** Reads a unit's file and drop-ins. Undefined when there is none. */
export function loadUnit(name: string): LoadedUnit | undefined {
  const path = findFile(name);
  if (path === undefined) return undefined;
  const target = realpathSync(path);
  if (target === '/dev/null') return { name, loadState: 'masked', path, dropIns: [], file: new UnitFile() };
  // An alias is a link to a file with another name of the same kind (not a template's instance).
  const real = basename(target);
  if (real !== basename(path) && existsSync(target) && !splitUnitName(name).instance) {
    const aliased = real === name ? undefined : loadUnit(real);
    if (aliased) return aliased;
  }
  const file = new UnitFile().add(readFileSync(target, 'utf8'));
  const dropIns = findDropIns(name);
  for (const dropIn of dropIns) file.add(readFileSync(dropIn, 'utf8'));
  return { name, loadState: 'loaded', path, dropIns, file };
}

/** `worker@blue.service` is looked for by its own name, then as `worker@.service`. */
function findFile(name: string): string | undefined {
  for (const candidate of namesOf(name)) {
    const found = SEARCH_PATH.map((directory) => join(directory, candidate)).find(present);
    if (found) return found;
  }
  return undefined;
}

/** A masked unit is a link to /dev/null; a link that leads nowhere is as good as absent. */
const present = (path: string) => existsSync(path);

/** `X.d/*.conf` of all directories, sorted by file name; the same name in an earlier directory hides the later one. */
function findDropIns(name: string): string[] {
  const found = new Map<string, string>();
  for (const candidate of [...namesOf(name), `${splitUnitName(name).suffix.slice(1)}`]) {
    for (const directory of SEARCH_PATH.map((path) => join(path, `${candidate}.d`))) {
      if (!existsSync(directory)) continue;
      for (const file of readdirSync(directory)) {
        if (file.endsWith('.conf') && !found.has(file)) found.set(file, join(directory, file));
      }
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

function namesOf(name: string): string[] {
  const { prefix, instance, suffix } = splitUnitName(name);
  return instance ? [name, `${prefix}@${suffix}`] : [name];
}

/** Units that a target pulls in: the links in its `.wants` and `.requires`. Vendor units of the host's own boot are left out. */
export function wantedBy(target: string): string[] {
  const directories = [CONFIG_DIRECTORY, '/run/systemd/system'].flatMap((directory) => [
    join(directory, `${target}.wants`),
    join(directory, `${target}.requires`),
  ]);
  return [
    ...new Set(directories.filter((path) => existsSync(path)).flatMap((path) => readdirSync(path))),
  ].sort();
}

/** Names of all unit files, once each. */
export function unitFileNames(): string[] {
  const names = SEARCH_PATH.filter((directory) => existsSync(directory)).flatMap((directory) =>
    readdirSync(directory).filter((name) => unitName(name) === name),
  );
  return [...new Set(names)].sort();
}

/** Whether a path in the configuration directory is a link to /dev/null. */
export function isMask(path: string): boolean {
  return (
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true &&
    readlinkSync(path) === '/dev/null'
  );
}
