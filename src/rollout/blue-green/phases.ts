/**
 * How far a change of colours has come, in order; noted in the fleet's record before each begins, so that whoever takes over a run
 * that died knows what may have been done. A cutover begins at `freezing` and ends before `holding`.
 */
export const PHASES = [
  'clearing',
  'copying',
  'freezing',
  'scaling',
  'testing',
  'shifting',
  'swapping',
  'draining',
  'soaking',
  'handing-over',
  'holding',
  'retiring',
] as const;

export type Phase = (typeof PHASES)[number];

/** Undoing it: first the colour that was in front gets its work back, then the other one goes. */
export const WAY_BACK = ['going-back', 'removing'] as const;

const isPhase = (word: string | undefined): word is Phase => PHASES.includes(word as Phase);

/** Where a record's phase word says that a run was; a run that had noted none has changed nothing. */
export function placeOf(word: string | undefined): { forward: Phase } | { back: (typeof WAY_BACK)[number] } {
  if (word === 'going-back' || word === 'removing') return { back: word };
  return { forward: isPhase(word) ? word : 'clearing' };
}

/** Whether traffic or work may have moved when `phase` was noted: then the way back begins with the old colour. */
export const mayHaveMoved = (phase: Phase): boolean => PHASES.indexOf(phase) >= PHASES.indexOf('shifting');

/** Whether the new colour has passed everything when `phase` was noted: what comes after it is about the old one. */
export const isVerified = (phase: Phase): boolean => PHASES.indexOf(phase) >= PHASES.indexOf('holding');
