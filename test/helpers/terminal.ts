import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repository } from './cli.ts';

/** `bake` on a terminal of its own. */
export const bakeOnTerminal = (...args: string[]) =>
  onTerminal([process.execPath, join(repository, 'dist/cli.js'), ...args]);

/** A program on a terminal of its own, which the program `script` makes: what is on it, and what somebody types there. */
export function onTerminal(
  command: string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
) {
  const env = { ...process.env, CI: undefined, TERM: 'xterm', ...options.env };
  const child = spawn('script', ['-qec', ['stty cols 120 rows 40;', ...command].join(' '), '/dev/null'], {
    cwd: options.cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    seen += chunk;
  });
  return {
    /** Everything that was on it. */
    get seen() {
      return seen;
    },
    /** Resolves when it is on the terminal. */
    async saw(what: RegExp): Promise<void> {
      while (!what.test(seen)) await once(child.stdout, 'data');
    },
    type: (text: string) => void child.stdin.write(text),
    /** The exit code. */
    async end(): Promise<number | null> {
      return child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
    },
    kill: () => void child.kill(),
  };
}
