import { annotateFailure, placesOf } from '../report/github/annotations.ts';
import { styleFor } from '../report/style.ts';
import { errorLines } from '../report/summary.ts';
import { failureOf } from '../run/failure.ts';

/**
 * Runs a command that has no run (no project, or nothing to do in a cloud): what it throws becomes words on stderr, or
 * `{"error": …}` on stdout with `--json`, and an exit code. Never throws.
 */
export async function withFailures(
  options: { json?: boolean; debug?: boolean; directory?: string },
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    const error = failureOf(thrown, options.debug);
    const style = styleFor(process.stderr);
    if (process.env.GITHUB_ACTIONS === 'true')
      annotateFailure('bake', error, placesOf(options.directory), process.stderr);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, error })}\n`);
    else process.stderr.write(`${style('red', '✗')} ${errorLines(error, style).join('\n  ')}\n`);
    return error.exitCode;
  }
}
