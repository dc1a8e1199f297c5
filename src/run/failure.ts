import { BakeError, messageOf } from './errors.ts';

/** What is told of anything thrown. A `BakeError` speaks for itself; anything else is a defect of bake. */
export interface Failure {
  message: string;
  hint?: string;
  details: readonly string[];
  exitCode: number;
}

/** `stacks`: with the stack trace, and that of each cause, among the details. */
export function failureOf(error: unknown, stacks = false): Failure {
  const stack = stacks && error instanceof Error ? stackOf(error) : [];
  if (error instanceof BakeError) {
    const { message, hint, details, exitCode } = error;
    return { message, hint, details: [...details, ...stack], exitCode };
  }
  return {
    message: `defect of bake: ${messageOf(error)}`,
    hint: stacks ? undefined : 'Run it again with --debug to see where, and report it.',
    details: stack,
    exitCode: 1,
  };
}

/** With the causes. */
const stackOf = (error: Error): string[] => [
  ...(error.stack ?? '').split('\n').slice(1),
  ...(error.cause instanceof Error ? [`caused by ${error.cause.message}`, ...stackOf(error.cause)] : []),
];
