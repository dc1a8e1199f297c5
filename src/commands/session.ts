import { join } from 'node:path';
import type { Cloud } from '../clouds/cloud.ts';
import { openCloud } from '../clouds/open.ts';
import { loadProject } from '../config/load.ts';
import type { Project } from '../config/schema.ts';
import { openReporter } from '../report/reporter.ts';
import { BakeError, Interrupted, messageOf } from '../run/errors.ts';
import { noJournal, openJournal } from '../run/journal.ts';
import { newRunId, type Run } from '../run/run.ts';
import { listenForInterrupts } from '../run/signals.ts';

/** The options that every command has. */
export interface GlobalOptions {
  /** -C: run in this directory. */
  directory?: string;
  /** -e: environment. */
  env?: string;
  file?: string;
  local?: boolean;
  json?: boolean;
  debug?: boolean;
}

/** What a command works with. */
export interface Session {
  run: Run;
  project: Project;
  cloud: Cloud;
}

/** How a command ended: `ok: false` is exit code 1 without an error (a smoke test that failed). */
export interface Outcome {
  ok?: boolean;
  headline: string;
  /** What changed, a line each. */
  changed?: string[];
  /** What to type next, a line each. */
  next?: string[];
}

/**
 * Runs a command on a project: loads it, opens its cloud, makes the run, tells its story, and maps what comes out to an
 * exit code: 0, 1 (failed), 2 (usage or configuration), 130 (interrupted). Never throws.
 * `journal: false` is for commands that create nothing.
 */
export async function runCommand(
  command: string,
  options: GlobalOptions,
  work: (session: Session) => Promise<Outcome>,
  settings: { journal?: boolean } = {},
): Promise<number> {
  throw new Error(`not yet: ${command}`);
}
