import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';
import { usageError } from '../run/errors.ts';
import { formatBytes } from '../run/format.ts';
import type { UploadLimit } from './limits.ts';

/** A file, directory or symbolic link that is to be copied, held in memory so that what was fingerprinted is what is copied. */
export type FileEntry = {
  /** Relative to the upload's root, with `/`; empty for the root itself. */
  path: string;
  /** Permission bits. */
  mode: number;
} & ({ kind: 'file'; content: Buffer } | { kind: 'directory' } | { kind: 'link'; target: string });

/**
 * Reads a file, or a directory with everything below it, sorted by path. Patterns of `ignore` are as in .gitignore.
 * `mode` replaces the mode of files (directories get it with search permission added); otherwise the mode is that
 * on disk without the write permission of group and others, which is the umask's doing and differs from machine to machine.
 * A link at the root is followed, links below it are kept. Throws the errors of `node:fs`.
 */
export function readFiles(source: string, options: { mode?: number; ignore?: string[] } = {}): FileEntry[] {
  const root = statSync(source);
  const fileMode = (mode: number) => options.mode ?? mode & 0o755;
  const directoryMode = (mode: number) =>
    options.mode === undefined ? mode & 0o755 : options.mode | ((options.mode & 0o444) >> 2);
  if (!root.isDirectory()) {
    return [{ path: '', kind: 'file', mode: fileMode(root.mode), content: readFileSync(source) }];
  }
  const ignored = ignore().add(options.ignore ?? []);
  const entries: FileEntry[] = [{ path: '', kind: 'directory', mode: directoryMode(root.mode) }];
  const walk = (directory: string) => {
    for (const name of readdirSync(join(source, directory))) {
      const path = directory === '' ? name : `${directory}/${name}`;
      const absolute = join(source, path);
      const { mode, ...is } = describe(absolute);
      if (ignored.ignores(is.directory ? `${path}/` : path)) continue;
      if (is.directory) {
        entries.push({ path, kind: 'directory', mode: directoryMode(mode) });
        walk(path);
      } else if (is.link) {
        entries.push({ path, kind: 'link', mode: 0o777, target: readlinkSync(absolute) });
      } else if (is.file) {
        entries.push({ path, kind: 'file', mode: fileMode(mode), content: readFileSync(absolute) });
      }
    }
  };
  walk('');
  // By code unit, not by locale: the order is part of the fingerprint.
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function describe(path: string) {
  const stat = lstatSync(path);
  return {
    mode: stat.mode,
    directory: stat.isDirectory(),
    link: stat.isSymbolicLink(),
    file: stat.isFile(),
  };
}

/** Fails (exit code 2) when the files are too many bytes to copy. */
export function checkSize(name: string, files: FileEntry[], limit: UploadLimit): void {
  const size = files.reduce((sum, file) => sum + (file.kind === 'file' ? file.content.length : 0), 0);
  if (size <= limit.bytes) return;
  throw usageError(`${name} is ${formatBytes(size)}: uploads end at ${formatBytes(limit.bytes)}`, limit.hint);
}
