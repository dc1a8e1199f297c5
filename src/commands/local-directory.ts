import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findProjectFile } from '../config/find.ts';
import { usageError } from '../run/errors.ts';
import type { GlobalOptions } from './session.ts';

/** The local cloud lies beside bake.yaml; without one, in the directory itself. */
export function localDirectory(options: GlobalOptions): string {
  const directory = resolve(options.directory ?? process.cwd());
  if (!existsSync(directory))
    throw usageError(`there is no directory ${directory}`, 'Name another with -C DIR.');
  const file = options.file === undefined ? findProjectFile(directory) : resolve(directory, options.file);
  return file === undefined ? directory : dirname(file);
}
