import { ndjsonReporter } from './ndjson.ts';
import { plainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';

/**
 * JSON lines with `--json`; a live view on a terminal; plain lines elsewhere and in CI, where a live view would fill the log.
 */
export async function openReporter(options: { json?: boolean }): Promise<Reporter> {
  const { stdout, stderr, env } = process;
  if (options.json) return ndjsonReporter(stdout);
  // A terminal that does not know its size (some containers) cannot be drawn on.
  if (!stdout.isTTY || !stdout.columns || !stdout.rows || env.CI || env.TERM === 'dumb')
    return plainReporter(stdout, stderr);
  const { terminalReporter } = await import('./terminal.ts');
  return terminalReporter(stdout, stderr);
}
