/**
 * The one family of errors that a user sees. Every error says what, where and why in `message`,
 * and what to do in `hint`. Anything else that reaches the top is a defect of bake.
 */
export class BakeError extends Error {
  override readonly name = 'BakeError';
  /** 1: the run failed; 2: usage or configuration; 130: interrupted. */
  readonly exitCode: 1 | 2 | 130;
  /** What to do about it: one sentence, often a command to type. */
  readonly hint: string | undefined;
  /** Further lines worth reading (log lines, the last output of a script), printed under the message. */
  readonly details: readonly string[];

  constructor(
    message: string,
    options: { hint?: string; exitCode?: 1 | 2 | 130; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }
}

/** The run was interrupted (Ctrl-C, SIGTERM); everything it owned has been cleaned up by the time this is reported. */
export class Interrupted extends BakeError {
  constructor(message = 'interrupted') {
    super(message, { exitCode: 130 });
  }
}

/** A wait went past its deadline. `message` says what was awaited and the state that was last seen. */
export class DeadlineExceeded extends BakeError {}

/** A usage or configuration error: exit code 2. */
export const usageError = (message: string, hint?: string, details?: readonly string[]): BakeError =>
  new BakeError(message, { exitCode: 2, hint, details });

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
