import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface GitState {
  commit: string;
  /** Whether there were changes that no commit holds. */
  dirty: boolean;
}

/** The commit that is checked out, or undefined outside a repository (or without git). */
export async function gitState(directory: string): Promise<GitState | undefined> {
  try {
    const [commit, changes] = await Promise.all([
      git(directory, 'rev-parse', 'HEAD'),
      git(directory, 'status', '--porcelain', '--untracked-files=normal', '--', '.'),
    ]);
    return { commit, dirty: changes !== '' };
  } catch {
    return undefined;
  }
}

/** The address of a remote, with git's own settings (`insteadOf`) applied; undefined where there is none. */
export const remoteOf = (directory: string, remote: string): Promise<string | undefined> =>
  git(directory, 'remote', 'get-url', remote).catch(() => undefined);

const git = async (directory: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)('git', args, { cwd: directory, timeout: 10_000 })).stdout.trim();
