import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** How a program ended. */
export type ProgramEnd =
  | { how: 'exited'; code: number }
  | { how: 'killed'; signal: string }
  | { how: 'timed out' }
  | { how: 'interrupted' };

/** Between the request to end and the end of all patience, milliseconds. */
const GRACE = 5_000;
/** What a program that has ended had still to say is there by then; only a process that it left behind keeps its output open. Milliseconds. */
const LAST_WORDS = 500;

/**
 * Runs a program to its end, line by line of its output. It leads a process group of its own, which is ended as a whole after
 * `timeout` milliseconds or when the signal aborts: first asked to (SIGTERM), then not. Its time is the machine's, not the run's:
 * a real process does not keep to a virtual clock.
 */
export async function runProgram(
  command: [string, ...string[]],
  options: {
    directory: string;
    environment: Record<string, string | undefined>;
    timeout: number;
    signal?: AbortSignal;
    /** Ends it without asking (SIGKILL). */
    kill?: AbortSignal;
    onLine: (line: string) => void;
  },
): Promise<ProgramEnd> {
  const { directory, environment, timeout, signal, kill: atOnce, onLine } = options;
  const [program, ...rest] = command;
  const env = { ...process.env, ...environment };
  const child = spawn(program, rest, {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const closed = once(child, 'close').catch(() => {}); // What is wrong is thrown by `ended`.
  for (const stream of [child.stdout, child.stderr]) readLines(stream, onLine);
  let cut: 'timed out' | 'interrupted' | undefined;
  let hard: NodeJS.Timeout | undefined;
  const end = (why: 'timed out' | 'interrupted') => {
    cut ??= why;
    kill(child, 'SIGTERM');
    hard ??= setTimeout(() => kill(child, 'SIGKILL'), GRACE);
  };
  const late = setTimeout(() => end('timed out'), timeout);
  const interrupt = () => end('interrupted');
  // The process ends at once at the second Ctrl-C: nobody is left behind then, either.
  const leave = () => kill(child, 'SIGKILL');
  process.once('exit', leave);
  atOnce?.addEventListener('abort', leave, { once: true });
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted) interrupt();
  try {
    const [code, killedBy] = await ended;
    await Promise.race([closed, delay(LAST_WORDS, undefined, { ref: false })]);
    if (cut) {
      kill(child, 'SIGKILL'); // Whoever of its group did not hear the first request.
      return { how: cut };
    }
    return code === null ? { how: 'killed', signal: String(killedBy) } : { how: 'exited', code };
  } finally {
    clearTimeout(late);
    clearTimeout(hard);
    process.removeListener('exit', leave);
    atOnce?.removeEventListener('abort', leave);
    signal?.removeEventListener('abort', interrupt);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** The whole group: what the program has started goes with it. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readLines(input: Readable, onLine: (line: string) => void): void {
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
