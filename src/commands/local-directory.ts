import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findProjectFile } from '../config/load.ts';
import { LocalCloudError } from '../localcloud/control-info.ts';
import { BakeError, usageError } from '../run/errors.ts';
import type { GlobalOptions } from './session.ts';

/** The local cloud lies beside bake.yaml; without one, in the directory itself. */
export function localDirectory(options: GlobalOptions): string {
  const directory = resolve(options.directory ?? process.cwd());
  if (!existsSync(directory)) throw usageError(`no directory ${directory}`);
  const file = options.file === undefined ? findProjectFile(directory) : resolve(directory, options.file);
  return file === undefined ? directory : dirname(file);
}

/** Gives the local cloud's own errors to the user as bake's. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LocalCloudError)) throw error;
    throw new BakeError(error.message, { hint: error.hint, details: error.details, cause: error });
  }
}
