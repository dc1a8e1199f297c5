/** What can be wrong with a fleet, as bake names it; the order is that in which one explains the others. */
export const CAUSES = [
  'launches fail',
  'user data error',
  'no egress',
  'missing permission',
  'out of memory',
  'disk full',
  'dependency not reachable',
  'service fails',
  'instance silent',
  'targets unhealthy',
  'instances unhealthy',
  'old versions still running',
  'worker not consuming',
  'dead-letter queue filling',
  'processes suspended',
  'errors in the logs',
] as const;

export type Cause = (typeof CAUSES)[number];

/** How sure it is that this is wrong, and matters. */
export type Weight = 'certain' | 'likely' | 'possible';

const WEIGHTS: readonly Weight[] = ['certain', 'likely', 'possible'];

/** One cause, with evidence. */
export interface Finding {
  cause: Cause;
  weight: Weight;
  /** One sentence: what is wrong, and where. */
  summary: string;
  /** Lines that show it. */
  evidence: string[];
  /** What to do, a sentence or a command each. */
  advice: string[];
}

/** Most likely first; what is as likely in the order in which one explains the others. Pure. */
export const inOrder = (findings: Finding[]): Finding[] =>
  [...findings].sort(
    (a, b) =>
      WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight) ||
      CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause),
  );

/** Something that could not be looked at: a permission is missing, most of the time. */
export interface Blind {
  what: string;
  why: string;
}

/** Why a fleet is unhealthy, as far as can be seen. */
export interface Diagnosis {
  group: string;
  findings: Finding[];
  /** What was looked at, a line each. */
  looked: string[];
  blind: Blind[];
}
