import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Layout } from './layout.ts';

/** How often a process that must end is looked at, milliseconds: the kernel does not tell those who are not its parent. */
const LOOK = 10;

/** PID 1 of an instance, as the host numbers it. */
export interface Init {
  pid: number;
  /** proc_pid_stat(5) starttime: tells it from a later process with the same number. */
  started: string;
}

/** The instance's PID 1 while it lives. */
export function findInit(layout: Layout, instanceId: string): Init | undefined {
  try {
    const text = readFileSync(join(layout.state, layout.instance(instanceId), 'pid'), 'utf8');
    const [pid, started] = text.trim().split(' ') as [string, string];
    const init = { pid: Number(pid), started };
    return isAlive(init) ? init : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(init: Init): boolean {
  try {
    const text = readFileSync(`/proc/${init.pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold spaces; the start time is the 20th field after it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] === init.started;
  } catch {
    return false;
  }
}

/** Resolves when the process is gone: with a PID 1, everything in its namespace is. False when `withinMs` passed first. */
export async function gone(init: Init, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(init)) {
    if (Date.now() >= deadline) return false;
    await delay(LOOK);
  }
  return true;
}

/** Ends an instance's PID 1, and with it everything inside, and waits for that. */
export async function killInit(init: Init): Promise<void> {
  if (isAlive(init)) process.kill(init.pid, 'SIGKILL');
  await gone(init, Number.POSITIVE_INFINITY);
}
