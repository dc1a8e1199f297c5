import type { EventSink } from '../run/events.ts';
import { ndjsonReporter } from './ndjson.ts';
import { plainReporter } from './plain.ts';

/** Turns the events of a run into what a reader wants. */
export interface Reporter {
  emit: EventSink;
  /** Resolves when everything has been said. */
  close(): Promise<void>;
}

/**
 * JSON lines with `--json`; a live view on a terminal; plain lines elsewhere and in CI, where a live view would fill the log.
 */
export async function openReporter(options: { json?: boolean }): Promise<Reporter> {
  const { stdout, stderr, env } = process;
  if (options.json) return ndjsonReporter(stdout);
  if (!stdout.isTTY || env.CI || env.TERM === 'dumb') return plainReporter(stdout, stderr);
  const { terminalReporter } = await import('./terminal.ts');
  return terminalReporter(stdout, stderr);
}
