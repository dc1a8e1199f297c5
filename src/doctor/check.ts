import { BakeError } from '../run/errors.ts';

/** One thing that was looked at. */
export interface Check {
  /** Where it belongs. */
  group: Group;
  name: string;
  /** `missing`: what is asked for here cannot work without it. `open`: something else will miss it. */
  state: 'ok' | 'open' | 'missing';
  /** What was found. Never a secret. */
  found: string;
  /** What to do about it, a sentence. */
  todo?: string;
  /** More that is worth reading. */
  details?: readonly string[];
}

export const GROUPS = [
  'this machine',
  'the project',
  'the cloud',
  'the servers',
  'the local cloud',
  'the team',
] as const;
export type Group = (typeof GROUPS)[number];

/** Of checks in one group: its makers of checks. */
export function checksOf(group: Group) {
  const missing = (name: string, found: string, todo?: string, details: readonly string[] = []): Check => ({
    ...{ group, name, state: 'missing', found, todo },
    ...(details.length > 0 && { details }),
  });
  return {
    missing,
    ok: (name: string, found: string): Check => ({ group, name, state: 'ok', found }),
    open: (name: string, found: string, todo?: string): Check => ({
      group,
      name,
      state: 'open',
      found,
      todo,
    }),
    /** A refusal speaks for itself. Anything else is a defect, and thrown. */
    refused(name: string, error: unknown): Check {
      if (!(error instanceof BakeError)) throw error;
      return missing(name, error.message, error.hint, error.details);
    },
  };
}

/** Whether everything that is needed is there. */
export const isWell = (checks: readonly Check[]): boolean => checks.every(({ state }) => state !== 'missing');
