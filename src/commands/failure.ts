import { styleFor } from '../report/style.ts';
import { errorLines } from '../report/summary.ts';
import { BakeError, messageOf } from '../run/errors.ts';

/** What a command tells of anything thrown. A `BakeError` speaks for itself; anything else is a defect of bake. */
export interface Failure {
  message: string;
  hint?: string;
  details: readonly string[];
  exitCode: number;
}

export function failureOf(error: unknown, debug = false): Failure {
  const stack = debug && error instanceof Error ? stackOf(error) : [];
  if (error instanceof BakeError) {
    const { message, hint, details, exitCode } = error;
    return { message, hint, details: [...details, ...stack], exitCode };
  }
  return {
    message: `defect of bake: ${messageOf(error)}`,
    hint: debug ? undefined : 'Run it again with --debug to see where, and report it.',
    details: stack,
    exitCode: 1,
  };
}

/** With the causes. */
const stackOf = (error: Error): string[] => [
  ...(error.stack ?? '').split('\n').slice(1),
  ...(error.cause instanceof Error ? [`caused by ${error.cause.message}`, ...stackOf(error.cause)] : []),
];

/**
 * Runs a command that has no run (no project, or nothing to do in a cloud): what it throws becomes words on stderr, or
 * `{"error": …}` on stdout with `--json`, and an exit code. Never throws.
 */
export async function withFailures(
  options: { json?: boolean; debug?: boolean },
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    const error = failureOf(thrown, options.debug);
    const style = styleFor(process.stderr);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, error })}\n`);
    else process.stderr.write(`${style('red', '✗')} ${errorLines(error, style).join('\n  ')}\n`);
    return error.exitCode;
  }
}
