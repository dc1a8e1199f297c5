import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

/** Servers of a CLB virtual server group that a scaling group keeps up to date. */
export interface ServerGroupLink {
  loadBalancerId: string;
  serverGroupId: string;
  port: number;
  weight: number;
}

export interface EssGroup {
  groupId: string;
  name: string;
  /** A new group is inactive, and launches nothing before it is enabled. */
  state: 'Active' | 'Inactive' | 'Deleting';
  min: number;
  max: number;
  desired: number;
  templateId: string;
  /** A number, `Default` or `Latest`, as it was given. */
  templateVersion: string;
  /** The engine's subnet ids. */
  subnetIds: string[];
  multiAzPolicy: string;
  healthCheckType: string;
  scalingPolicy: string;
  removalPolicies: string[];
  /** Seconds. */
  cooldown: number;
  links: ServerGroupLink[];
  suspended: string[];
  deletionProtection: boolean;
  tags: { key: string; value: string; propagate: boolean }[];
  createdAt: number;
}

export type EssState =
  | 'Pending'
  | 'Pending:Wait'
  | 'InService'
  | 'Protected'
  | 'Standby'
  | 'Removing'
  | 'Removing:Wait';

export interface EssMember {
  instanceId: string;
  groupId: string;
  state: EssState;
  since: number;
  healthy: boolean;
  /** The number that it was launched with; undefined when it was attached. */
  templateVersion?: number;
  attached: boolean;
  /** Hooks that hold it, with what completes them. */
  waits: { hookId: string; token: string; until: number; defaultResult: 'CONTINUE' | 'ABANDON' }[];
  /** The scaling activity that launches or removes it. */
  activityId: string;
  /** Kept when it leaves the group (DetachInstances). */
  keeps?: boolean;
}

export interface EssHook {
  hookId: string;
  groupId: string;
  name: string;
  transition: 'SCALE_OUT' | 'SCALE_IN';
  /** Seconds. */
  heartbeat: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
  context: string;
  createdAt: number;
}

export interface EssActivity {
  activityId: string;
  groupId: string;
  status: 'InProgress' | 'Successful' | 'Warning' | 'Failed' | 'Rejected';
  description: string;
  cause: string;
  startedAt: number;
  endedAt?: number;
  errorCode?: string;
  errorMessage?: string;
  created: string[];
  destroyed: string[];
  refreshId?: string;
}

export type RefreshStatus =
  | 'Pending'
  | 'InProgress'
  | 'Paused'
  | 'CheckpointPause'
  | 'Successful'
  | 'Failed'
  | 'Cancelling'
  | 'Cancelled'
  | 'RollbackInProgress'
  | 'RollbackSuccessful'
  | 'RollbackFailed';

export interface EssRefresh {
  taskId: string;
  groupId: string;
  status: RefreshStatus;
  template: { id: string; version: number };
  /** Where a rollback goes. */
  before: { id: string; version: string };
  minHealthy: number;
  maxHealthy: number;
  skipMatching: boolean;
  /** Per cent of the instances, ascending; the last is 100. */
  checkpoints: number[];
  /** Milliseconds. */
  checkpointPause: number;
  /** The highest checkpoint that was paused at. */
  reached: number;
  pausedUntil?: number;
  /** Instances that were there when it began and have to go. */
  toUpdate: string[];
  total: number;
  startedAt: number;
  endedAt?: number;
  detail: string;
}

const table =
  <T>(name: string) =>
  (engine: Engine) =>
    engine.store.table<T>(name);

export const essGroups = table<EssGroup>('essGroups');
export const essMembers = table<EssMember>('essMembers');
export const essHooks = table<EssHook>('essHooks');
export const essActivities = table<EssActivity>('essActivities');
export const essRefreshes = table<EssRefresh>('essRefreshes');

/** Throws InvalidScalingGroupId.NotFound. */
export function findEssGroup(engine: Engine, groupId: string): EssGroup {
  const found = essGroups(engine).get(groupId);
  if (found) return found;
  throw new ServiceError(
    'InvalidScalingGroupId.NotFound',
    `The specified scaling group ${groupId} does not exist.`,
    404,
  );
}

export const membersOf = (engine: Engine, groupId: string): EssMember[] =>
  essMembers(engine).filter((member) => member.groupId === groupId);

/** Counts towards the desired capacity. */
export const isLive = ({ state }: EssMember): boolean => !state.startsWith('Removing') && state !== 'Standby';

/** Does its work. */
export const isServing = ({ state, healthy }: EssMember): boolean =>
  healthy && (state === 'InService' || state === 'Protected');

const ENDED: readonly RefreshStatus[] = [
  'Successful',
  'Failed',
  'Cancelled',
  'RollbackSuccessful',
  'RollbackFailed',
];

export const hasEnded = ({ status }: EssRefresh): boolean => ENDED.includes(status);

export const activeRefresh = (engine: Engine, groupId: string): EssRefresh | undefined =>
  essRefreshes(engine).filter((refresh) => refresh.groupId === groupId && !hasEnded(refresh))[0];
