import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import type { TemplateReference } from '../groups.ts';
import type { MixedPolicy } from '../mixed/policy.ts';

export type RefreshStatus =
  | 'Pending'
  | 'InProgress'
  | 'Baking'
  | 'Cancelling'
  | 'RollbackInProgress'
  | 'Successful'
  | 'Failed'
  | 'Cancelled'
  | 'RollbackSuccessful'
  | 'RollbackFailed';

/** AWS: RefreshPreferences, with the defaults filled in. Times in seconds. */
export interface RefreshPreferences {
  min: number;
  /** Absent is not 100: without it instances are ended and launched at the same time, at least one at a time. */
  max?: number;
  warmup: number;
  /** Percentages, ascending; empty without. */
  checkpoints: number[];
  checkpointDelay: number;
  skipMatching: boolean;
  autoRollback: boolean;
  protectedInstances: 'Refresh' | 'Ignore' | 'Wait';
  standbyInstances: 'Terminate' | 'Ignore' | 'Wait';
  alarms: string[];
  bakeTime?: number;
}

/** Of the warm pool. */
export interface PoolProgress {
  percent: number;
  toUpdate: number;
}

/** How far it was when it was rolled back, and why it was. */
export interface RollbackRecord {
  reason: string;
  startedAt: number;
  percent: number;
  toUpdate: number;
}

export interface RefreshRecord {
  id: string;
  group: string;
  status: RefreshStatus;
  statusReason?: string;
  startedAt: number;
  endedAt?: number;
  /** The desired configuration; absent: the group's own. */
  desired?: TemplateReference;
  /** The mixed instances policy of the desired configuration; `desired` is its template then. */
  desiredMixed?: MixedPolicy;
  preferences: RefreshPreferences;
  percent: number;
  toUpdate: number;
  /** The same of the warm pool; `percent` and `toUpdate` are of the live instances. */
  pool?: PoolProgress;
  rollback?: RollbackRecord;
  /** How many instances above the desired capacity the group runs for it now. */
  surge: number;
  /** The highest checkpoint reached, percent; 0 before the first. */
  checkpoint: number;
  checkpointUntil?: number;
  bakeUntil?: number;
  /** When it last got further: replaced more, or had fewer left than ever before. */
  progressAt: number;
  best: { done: number; left: number };
  /** Since when process InstanceRefresh has been suspended. */
  pausedAt?: number;
  /** When it last replaced anything: it does so once per `refresh.tick`. */
  actedAt: number;
  /** CancelInstanceRefresh's WaitForTransitioningInstances. */
  cancelWaits?: boolean;
}

export const refreshes = (engine: Engine) => engine.store.table<RefreshRecord>('instanceRefreshes');

const ACTIVE: RefreshStatus[] = ['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'];

export const isActiveRefresh = ({ status }: RefreshRecord) => ACTIVE.includes(status);

/** A group has at most one. */
export const activeRefresh = (engine: Engine, group: string): RefreshRecord | undefined =>
  refreshes(engine).filter((refresh) => refresh.group === group && isActiveRefresh(refresh))[0];

/** For what may not change under a refresh: traffic sources, the warm pool. Throws InstanceRefreshInProgress. */
export function refuseDuringRefresh(engine: Engine, group: string): void {
  if (!activeRefresh(engine, group)) return;
  throw new ServiceError(
    'InstanceRefreshInProgress',
    'An Instance Refresh is already in progress and blocks the execution of this request.',
  );
}

/** The refresh is replacing instances at present, forward or back. */
export const isReplacing = ({ status }: RefreshRecord) =>
  status === 'InProgress' || status === 'RollbackInProgress';

export const directionOf = ({ status }: RefreshRecord) =>
  status === 'RollbackInProgress' ? 'rollback' : 'forward';

/** Changes fields only where they differ: a record that is put anew wakes every state machine. */
export function update(
  engine: Engine,
  refresh: RefreshRecord,
  fields: Partial<RefreshRecord>,
): RefreshRecord {
  const changed = Object.entries(fields).some(
    ([key, value]) => JSON.stringify(refresh[key as keyof RefreshRecord]) !== JSON.stringify(value),
  );
  return changed ? refreshes(engine).patch(refresh.id, fields) : refresh;
}
