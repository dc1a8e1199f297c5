import type { RefreshState } from '../clouds/cloud.ts';

const ENDED: readonly RefreshState[] = [
  'successful',
  'failed',
  'cancelled',
  'rollback-successful',
  'rollback-failed',
];

/** Whether a refresh will not change any more. */
export const hasEnded = (state: RefreshState): boolean => ENDED.includes(state);
