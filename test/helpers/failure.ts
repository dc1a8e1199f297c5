import type { BakeError } from '../../src/run/errors.ts';

/** What a promise failed with; throws when it went well. */
export const failure = (promise: Promise<unknown>): Promise<BakeError> =>
  promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: BakeError) => error,
  );
