import type { Origin } from '../../run/origin.ts';
import type { Story } from '../html/story.ts';
import type { RunBegin } from '../team.ts';
import type { RunOutcome } from './outcome.ts';

/** What is told of a run to GitHub besides its events. */
export interface GithubTelling {
  begin: RunBegin;
  run: string;
  origin: Origin;
  /** The commit that bake works on; undefined outside of git. */
  head: string | undefined;
  /** Where what is deployed can be seen. */
  environmentUrl: string | undefined;
  /** Whether the run is a deployment, and whether it is a status of the commit. */
  deployments: boolean;
  statuses: boolean;
  /** Told of what could not be said, at the end. */
  warn: (message: string) => void;
  /** Ends what is under way. */
  giveUp: () => void;
}

/** GitHub takes no longer description of a deployment's status, or of a commit's. */
const LONGEST = 140;

/** Of a deployment and of a commit. */
export const STATE: Record<RunOutcome, 'success' | 'failure' | 'error'> = {
  succeeded: 'success',
  failed: 'failure',
  'rolled-back': 'failure',
  interrupted: 'error',
  refused: 'error',
};

/** A local cloud's production is nobody's. Where bake.yaml has no environments, the project is the only one. */
export const environmentName = ({ environment, project, cloud }: RunBegin): string =>
  `${environment === 'default' ? project : environment}${cloud === 'local' ? ' (local)' : ''}`;

export const wordsOf = ({ finished }: Story): string => finished?.error?.message ?? finished?.headline ?? '';

export function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/** Without what is not known. */
export const given = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
