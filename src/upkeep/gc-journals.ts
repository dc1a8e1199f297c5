import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../run/journal.ts';

/**
 * Whether a run has crashed, as far as this machine can tell: its journal lies here, has no end, and the process that wrote it
 * is gone. False where the journal is on another machine: then only the expiry of what it made tells.
 */
export function hasCrashed(directory: string, runId: string): boolean {
  const entries = readJournal(join(directory, '.bake', 'runs', `${runId}.jsonl`));
  const begin = entries.find((one) => one.entry === 'begin');
  if (begin?.host !== hostname()) return false;
  return !entries.some(({ entry }) => entry === 'end') && !isAlive(begin.pid);
}

/** A last line that a crash cut short is left out. */
export function readJournal(file: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A process of somebody else may not be signalled, but is there. One that has ended stays visible until its parent has noticed. */
function isAlive(pid: number): boolean {
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
