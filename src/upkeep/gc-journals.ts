import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../run/journal.ts';
import { isAlive } from '../run/processes.ts';

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
