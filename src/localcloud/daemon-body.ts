import { z } from 'zod';
import { ServiceError } from './engine/errors.ts';

/** The body of a request to one of the daemon's own paths, or a file that says the same. @throws with a sentence for people */
export function parseBody<T>(schema: z.ZodType<T>, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ServiceError('Malformed', 'the body is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ServiceError('Malformed', z.prettifyError(parsed.error));
  return parsed.data;
}
