import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** How a configuration is called. */
export const FILE_NAME = 'bake.yaml';

/** The nearest bake.yaml at or above a directory, or undefined. */
export function findProjectFile(directory: string): string | undefined {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const file = join(here, FILE_NAME);
    if (existsSync(file)) return file;
    if (here === dirname(here)) return undefined;
  }
}
