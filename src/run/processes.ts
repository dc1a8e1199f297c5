import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where process ids mean the same: this host and, on Linux, this container (two of one host may share its name). */
export function processSpace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** A process of somebody else may not be signalled, but is there. One that has ended stays visible until its parent has noticed. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // proc(5): "pid (name) state …"; the name may contain anything.
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true; // No /proc here.
  }
}
