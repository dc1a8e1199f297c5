import type { Story } from '../html/story.ts';

/** How a run ended, in one word for machines. `refused`: nothing was begun, for bake.yaml or the command has to be put right. */
export type RunOutcome = 'succeeded' | 'failed' | 'rolled-back' | 'interrupted' | 'refused';

export function outcomeOf({ finished, facts }: Story): RunOutcome {
  if (finished?.ok) return 'succeeded';
  if (facts.has('rolled-back')) return 'rolled-back';
  const words: Record<number, RunOutcome> = { 2: 'refused', 130: 'interrupted' };
  return words[finished?.error?.exitCode ?? 1] ?? 'failed';
}

/** What a run brings, as its facts tell it; each where it is known. */
export interface Brought {
  strategy?: string;
  release?: string;
  imageId?: string;
  /** Commit of the release, with `-dirty` where there were changes that no commit held. */
  commit?: string;
  group?: string;
  version?: number;
  previousVersion?: number;
  previousGroup?: string;
  previousRelease?: string;
  instances?: number;
}

/** What the run meant to bring, and, at its end, what it has brought. */
export const broughtBy = ({ facts }: Story): Brought =>
  Object.assign(
    {},
    ...['bringing', 'rollout', 'cutover', 'rollback'].map((name) => facts.get(name) as Brought | undefined),
  );
