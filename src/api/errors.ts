import { BakeError, Interrupted } from '../run/errors.ts';

/** Whether bake says why it failed, in words for people. Anything else that an operation throws is a defect of bake, or comes of a listener. */
export const isBakeError = (error: unknown): error is BakeError => error instanceof BakeError;

/** Whether something has to be put right before it can begin: usage, configuration. Nothing was changed. Exit code 2. */
export const isUsageError = (error: unknown): error is BakeError =>
  isBakeError(error) && error.exitCode === 2;

/** Whether it was interrupted, or not confirmed. Exit code 130. */
export const isInterrupted = (error: unknown): error is BakeError =>
  isBakeError(error) && error.exitCode === 130;

/** What `confirm` of an operation throws when the answer is no. */
export const notConfirmed = (): BakeError => new Interrupted('not confirmed: nothing was changed');
