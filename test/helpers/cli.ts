import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function execute(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<Ended> {
  const env = { ...process.env, ...options.env } as NodeJS.ProcessEnv;
  return new Promise((resolve) => {
    execFile(program, args, { cwd: options.cwd, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The built command line tool, as a user has it. */
export const bake = (directory: string, ...args: string[]): Promise<Ended> =>
  execute(process.execPath, [join(repository, 'dist/cli.js'), '-C', directory, ...args], {
    env: { NO_COLOR: '1' },
  });

export const temporaryDirectory = (name: string): string =>
  realpathSync(mkdtempSync(join(tmpdir(), `bake-${name}-`)));
