import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface GitState {
  commit: string;
  /** Whether there were changes that no commit holds. */
  dirty: boolean;
}

/** The commit that is checked out, or undefined outside a repository (or without git). */
export async function gitState(directory: string): Promise<GitState | undefined> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: directory, timeout: 10_000 })).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=normal', '--', '.'),
    ]);
    return { commit, dirty: changes !== '' };
  } catch {
    return undefined;
  }
}
