import { usageError } from '../../run/errors.ts';

/** A part of the port that Alibaba Cloud, or what bake uses of it, has not: each of its methods says so in one sentence (exit code 2). */
export const absent = <T extends object>(sentence: string, hint: string): T =>
  new Proxy({} as T, {
    get: (_, name) =>
      typeof name === 'string' && name !== 'then'
        ? async () => {
            throw usageError(sentence, hint);
          }
        : undefined,
  });
