import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

interface TokenRecord {
  /** SHA-256 of the request's parameters. */
  parameters: string;
  /** Ids of what the first request made. */
  made: string[];
  at: number;
}

const tokens = (engine: Engine) => engine.store.table<TokenRecord>('clientTokens');

/** EC2: a client token holds for at least 24 hours. Milliseconds. */
const TOKEN_KEPT = 24 * 3_600_000;

/**
 * Makes something once per client token: the same request again gives what the first one made. Throws
 * IdempotentParameterMismatch when the token comes back with other parameters. Without a token it just makes.
 */
export function once(
  engine: Engine,
  operation: string,
  token: string | undefined,
  parameters: unknown,
  make: () => string[],
): string[] {
  if (token === undefined) return make();
  const now = engine.clock.now();
  for (const [key, { at }] of tokens(engine).entries()) {
    if (at + TOKEN_KEPT > now) break;
    tokens(engine).delete(key);
  }
  const key = `${operation}/${token}`;
  const digest = createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
  const first = tokens(engine).get(key);
  if (!first) {
    const made = make();
    tokens(engine).put(key, { parameters: digest, made, at: now });
    return made;
  }
  if (first.parameters !== digest) {
    throw new ServiceError(
      'IdempotentParameterMismatch',
      `The client token ${token} was used before with other parameters.`,
    );
  }
  return first.made;
}
