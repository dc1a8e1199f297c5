import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CONFIG_DIRECTORY, isMask, type LoadedUnit, loadUnit } from './search.ts';
import { expandSpecifiers, splitUnitName } from './specifiers.ts';
import { splitWords } from './words.ts';

/** A link that [Install] asks for. */
interface InstallLink {
  path: string;
  target: string;
}

/** systemd.unit(5), "[Install] section options". */
function installLinks(unit: LoadedUnit, name: string): InstallLink[] {
  const words = (key: string) =>
    unit.file
      .list('Install', key)
      .flatMap(splitWords)
      .map((word) => expandSpecifiers(word, name, ''));
  const { prefix, instance, suffix } = splitUnitName(name);
  const byDefault = unit.file.last('Install', 'DefaultInstance');
  const linked = name.includes('@') && !instance && byDefault ? `${prefix}@${byDefault}${suffix}` : name;
  const link = (directory: string, as: string) => ({
    path: join(CONFIG_DIRECTORY, directory, as),
    target: unit.path,
  });
  return [
    ...words('Alias').map((alias) => link('', alias)),
    ...words('WantedBy').map((target) => link(`${target}.wants`, linked)),
    ...words('RequiredBy').map((target) => link(`${target}.requires`, linked)),
  ];
}

export type UnitFileState = 'enabled' | 'disabled' | 'static' | 'masked' | 'alias';

/** Undefined when there is no such unit file. */
export function unitFileState(name: string): UnitFileState | undefined {
  const unit = loadUnit(name);
  if (!unit) return undefined;
  if (unit.loadState === 'masked') return 'masked';
  if (linksTo(name).length > 0) return 'enabled';
  if (unit.name !== name) return 'alias';
  return installLinks(unit, name).length > 0 ? 'disabled' : 'static';
}

/** Makes the links of [Install]; returns what `systemctl enable` prints. Throws when it is masked. */
export function enable(name: string): string[] {
  const unit = loadUnit(name);
  if (!unit) throw new Error(`Unit file ${name} does not exist.`);
  if (unit.loadState === 'masked') throw new Error(`Unit file ${unit.path} is masked.`);
  const links = installLinks(unit, name);
  const also = unit.file.list('Install', 'Also').flatMap(splitWords);
  const said = links
    .filter(({ path }) => !lstatSync(path, { throwIfNoEntry: false }))
    .map(({ path, target }) => {
      mkdirSync(join(path, '..'), { recursive: true });
      symlinkSync(target, path);
      return `Created symlink ${path} → ${target}.`;
    });
  const more = also.filter((other) => other !== name && loadUnit(other)).flatMap((other) => enable(other));
  if (links.length === 0 && also.length === 0)
    return [
      'The unit files have no installation config (WantedBy=, RequiredBy=, Also=,',
      'Alias= settings in the [Install] section, and DefaultInstance= for template',
      'units). This means they are not meant to be enabled using systemctl.',
    ];
  return [...said, ...more];
}

/** Removes every link to the unit; returns what `systemctl disable` prints. */
export function disable(name: string): string[] {
  return linksTo(name).map((path) => {
    rmSync(path);
    return `Removed "${path}".`;
  });
}

export function mask(name: string): string[] {
  const path = join(CONFIG_DIRECTORY, name);
  if (isMask(path)) return [];
  if (lstatSync(path, { throwIfNoEntry: false })) throw new Error(`File '${path}' already exists.`);
  mkdirSync(CONFIG_DIRECTORY, { recursive: true });
  symlinkSync('/dev/null', path);
  return [`Created symlink ${path} → /dev/null.`];
}

export function unmask(name: string): string[] {
  const path = join(CONFIG_DIRECTORY, name);
  if (!isMask(path)) return [];
  rmSync(path);
  return [`Removed "${path}".`];
}

/** Links in the configuration directory that enable a unit: by its name in a `.wants`, or as an alias. */
function linksTo(name: string): string[] {
  if (!existsSync(CONFIG_DIRECTORY)) return [];
  const entries = readdirSync(CONFIG_DIRECTORY, { withFileTypes: true });
  const pulled = entries
    .filter((entry) => entry.isDirectory() && /\.(wants|requires)$/.test(entry.name))
    .map((entry) => join(CONFIG_DIRECTORY, entry.name, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink());
  const aliases = entries
    .filter((entry) => entry.isSymbolicLink() && entry.name !== name)
    .map((entry) => join(CONFIG_DIRECTORY, entry.name))
    .filter((path) => basename(readlinkSync(path)) === name);
  return [...pulled, ...aliases];
}
