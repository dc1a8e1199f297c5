import { cpSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmptyDirectory } from './private-places.ts';

/** Directories of /var that packages expect to find below. */
const PARENTS = ['var', 'var/cache', 'var/lib', 'var/log', 'var/spool'];

/** What package scripts keep in /var/lib about themselves; small, and no secrets. */
const PACKAGE_STATE = ['pam', 'ucf', 'python', 'alternatives', 'shells.state', 'sgml-base', 'xml-core'];

/**
 * The directories that the host has in /var, two levels deep, to be made empty in instances: programs fail without
 * `/var/log/nginx`, and what the host has in it is its own affair.
 */
export function emptyVarDirectories(): EmptyDirectory[] {
  const found = new Map<string, EmptyDirectory>();
  const add = (path: string) => {
    const stats = lstatSync(`/${path}`, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return;
    found.set(path, { path, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid });
  };
  for (const parent of PARENTS) {
    add(parent);
    if (!found.has(parent)) continue;
    for (const name of readdirSync(`/${parent}`).sort()) add(join(parent, name));
  }
  found.delete('var/lock');
  found.delete('var/run');
  const tmp = { path: 'var/tmp', mode: 0o1777, uid: 0, gid: 0 };
  return [...found.values(), tmp];
}

/** Copies the host's small package state below `root`. */
export function smallVarFiles(root: string): void {
  for (const name of PACKAGE_STATE) {
    const path = join('var/lib', name);
    if (existsSync(`/${path}`)) cpSync(`/${path}`, join(root, path), { recursive: true, dereference: false });
  }
}
