import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageError } from '../run/errors.ts';
import type { SetupFile } from './files.ts';

const IGNORED = '.bake/';

export interface Written {
  /** Relative paths, in order. */
  written: string[];
  /** Those that were there with the same content. */
  kept: string[];
}

/**
 * Writes the files below a directory, and .bake/ into its .gitignore. A file that is there with other content stops it before anything is
 * written, unless `force`. Throws a usage error that names all such files.
 */
export function writeFiles(directory: string, files: SetupFile[], { force }: { force: boolean }): Written {
  const same = ({ path, text }: SetupFile) => readIfThere(join(directory, path)) === text;
  const there = files.filter((file) => existsSync(join(directory, file.path)) && !same(file));
  if (there.length > 0 && !force) {
    const [first, ...others] = there.map(({ path }) => path);
    throw usageError(
      `${first} is already there${others.length > 0 ? `, and so ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')}` : ''}: nothing was written`,
      'Remove what is not needed, or give --force to write over it.',
    );
  }
  const kept = files.filter(same);
  const made = files.filter((file) => !kept.includes(file));
  for (const { path, text, executable } of made) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (executable) chmodSync(file, 0o755);
  }
  const written = made.map(({ path }) => path);
  if (ignoreState(directory)) written.push('.gitignore');
  return { written, kept: kept.map(({ path }) => path) };
}

/** Journals and the local cloud's state belong to nobody's repository. */
function ignoreState(directory: string): boolean {
  const file = join(directory, '.gitignore');
  const text = readIfThere(file) ?? '';
  if (text.split('\n').some((line) => /^\/?\.bake\/?$/.test(line.trim()))) return false;
  writeFileSync(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${IGNORED}\n`);
  return true;
}

const readIfThere = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;
