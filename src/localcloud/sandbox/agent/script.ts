import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Output goes through a pipe and `cat`: Node hands its children sockets, and a script that writes to /dev/stdout or
 * /dev/stderr cannot open those. After `exec` the script itself is our child, and its status ours.
 */
const THROUGH_PIPES = 'exec "$@" > >(exec cat) 2> >(exec cat >&2)';
const TO_LOG = 'log=$1; shift; exec "$@" > >(exec tee -a "$log") 2>&1';

interface Surroundings {
  environment: Record<string, string>;
  stdio: ('ignore' | 'pipe' | 'inherit')[];
}

/** Starts a program as root, cwd /, in a session of its own; output by pipes. */
export const spawnPiped = (argv: string[], environment: Surroundings['environment']) =>
  bash([THROUGH_PIPES, 'bash', ...argv], { environment, stdio: ['ignore', 'pipe', 'pipe'] });

/** The same with the output to our own (the console) and appended to a file. */
export const spawnLogged = (argv: string[], log: string, environment: Surroundings['environment']) =>
  bash([TO_LOG, 'bash', log, ...argv], { environment, stdio: ['ignore', 'inherit', 'inherit'] });

const bash = (args: string[], { environment, stdio }: Surroundings): ChildProcess =>
  spawn('/bin/bash', ['-c', ...args], { cwd: '/', env: environment, detached: true, stdio });

/** The status of a child as a shell gives it: 128 + number for a signal; 127 when it could not be started. */
export function exitOf(child: ChildProcess, signals: Record<string, number>): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signals[signal as string] ?? 0)));
  });
}
