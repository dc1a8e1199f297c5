import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How often processes that are not our children are looked at, milliseconds. */
const LOOK = 20;

/**
 * Marks everything that a service or command starts, as systemd does: processes inherit it, so that they are found without
 * control groups, which instances have none of.
 */
export const MARK = 'INVOCATION_ID';

interface Process {
  pid: number;
  parent: number;
  session: number;
}

export const isAlive = (pid: number) => status(pid) !== undefined;

/** Living processes (no zombies) that belong to an invocation: by its mark, in a session of theirs, or children of theirs. */
export function processesOf(invocation: string): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && name !== '1')
    .map((name) => status(Number(name)))
    .filter((entry) => entry !== undefined);
  const found = new Set(all.filter(({ pid }) => hasMark(pid, invocation)).map(({ pid }) => pid));
  const sessions = new Set(
    all.filter(({ pid, session }) => found.has(pid) && session === pid).map(({ pid }) => pid),
  );
  // A child that has cleaned its environment (su, sudo) is still a child.
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { pid, parent, session } of all)
      if (found.has(parent) || sessions.has(session)) found.add(pid);
  }
  return [...found];
}

/** Sends a signal to each; those that have gone meanwhile do not matter. */
export function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {}
  }
}

/** Kills everything of an invocation, again and again until nothing is left (a process may be just being forked). */
export async function killAll(invocation: string): Promise<void> {
  for (;;) {
    const pids = processesOf(invocation);
    if (pids.length === 0) return;
    signalAll(pids, 'SIGKILL');
    await delay(LOOK);
  }
}

/** Resolves with true when `test` holds, with false when `withinMs` passed first. */
export async function until(test: () => boolean, withinMs: number, lookMs = LOOK): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!test()) {
    if (Date.now() >= deadline) return false;
    await delay(lookMs);
  }
  return true;
}

function hasMark(pid: number, invocation: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${MARK}=${invocation}\0`);
  } catch {
    return false;
  }
}

/** proc_pid_stat(5). Undefined for one that is gone or a zombie. */
function status(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}
