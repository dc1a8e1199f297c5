import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Output goes through a pipe and `cat`: Node hands its children sockets, and a script that writes to /dev/stdout or
 * /dev/stderr cannot open those. After `exec` the script itself is our child, and its status ours.
 */
const APART = 'exec 3> >(exec cat) 4> >(exec cat >&2); exec "$@" >&3 2>&4 3>&- 4>&-';
const TOGETHER = 'exec 3> >(exec cat); exec "$@" >&3 2>&1 3>&-';

/** How long output may still arrive after a script has ended, when something that it left behind holds the pipe. */
const DRAIN = 200;

interface Script {
  child: ChildProcess;
  stdout: Readable;
  /** Ends at once where errors go to stdout. */
  stderr: Readable;
}

/** Starts a program as root, cwd /, in a session of its own. */
export function startScript(
  argv: string[],
  environment: Record<string, string>,
  options: { together: boolean },
): Script {
  const child = spawn('/bin/bash', ['-c', options.together ? TOGETHER : APART, 'bash', ...argv], {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child as { stdout: Readable; stderr: Readable };
  return { child, stdout, stderr };
}

/**
 * Resolves when the script has ended and its output has arrived; what it leaves running may go on writing. The status is as
 * a shell gives it: 128 + number for a signal; 127 when it could not be started.
 */
export async function scriptEnd({ child, stdout, stderr }: Script): Promise<number> {
  const arrived = Promise.all([once(stdout, 'close'), once(stderr, 'close')]).catch(() => {});
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
  });
  const timer = new AbortController();
  await Promise.race([arrived, delay(DRAIN, undefined, { signal: timer.signal })]);
  timer.abort();
  return exitCode;
}
