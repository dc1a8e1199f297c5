import { existsSync, readdirSync, statSync } from 'node:fs';
import type { UnitFile } from '../units/unit-file.ts';

/** systemd.unit(5), "Conditions and Asserts": those about files; others hold always. */
const TESTS: Record<string, (path: string) => boolean> = {
  PathExists: existsSync,
  PathIsDirectory: (path) => existsSync(path) && statSync(path).isDirectory(),
  FileNotEmpty: (path) => existsSync(path) && statSync(path).isFile() && statSync(path).size > 0,
  DirectoryNotEmpty: (path) =>
    existsSync(path) && statSync(path).isDirectory() && readdirSync(path).length > 0,
  FileIsExecutable: (path) =>
    existsSync(path) && statSync(path).isFile() && (statSync(path).mode & 0o111) !== 0,
};

/** The first condition (or assert) of a unit that does not hold, as `ConditionPathExists=/x`. */
export function unmet(
  kind: 'Condition' | 'Assert',
  file: UnitFile,
  expand: (text: string) => string,
): string | undefined {
  for (const [name, test] of Object.entries(TESTS)) {
    const key = `${kind}${name}`;
    for (const value of file.list('Unit', key)) {
      const negated = value.startsWith('!');
      const path = expand(value.replace(/^[|!]+/, ''));
      if (test(path) === negated) return `${key}=${value}`;
    }
  }
  return undefined;
}
