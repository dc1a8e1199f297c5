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
  /** Empty: it cannot be enabled yet. */
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
  tags: EssTag[];
  createdAt: number;
  modifiedAt: number;
  /** After a launch that failed the next one waits until then. */
  launchAfter?: number;
}

export interface EssTag {
  key: string;
  value: string;
  /** Also on instances that are launched from now on. */
  propagate: boolean;
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
  /** What it was launched with; undefined when it was attached. */
  template?: { id: string; version: number };
  /** The instance refresh that brought it. */
  refreshId?: string;
  attached: boolean;
  /** Attached for good: what becomes of the group's own instances becomes of it. */
  entrusted: boolean;
  addedAt: number;
  /** Hooks that hold it, with what completes them. */
  waits: { hookId: string; token: string; until: number; defaultResult: 'CONTINUE' | 'ABANDON' }[];
  /** The scaling activity that launches or removes it. */
  activityId: string;
  /** Kept when it leaves the group. */
  keeps?: boolean;
  /** A hook has undone its launch. */
  abandoned?: boolean;
  /** On its way out, and no hook is asked any more: they have had their say, or it was never in service. */
  asked?: boolean;
}

export interface EssHook {
  hookId: string;
  groupId: string;
  name: string;
  transition: 'SCALE_OUT' | 'SCALE_IN';
  /** Seconds. */
  heartbeat: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
  /** What its notices tell besides (NotificationMetadata), and where they would go. */
  context: string;
  notificationArn: string;
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
  /** `named`: as the request had it, or the group: a number, `Default` or `Latest`. */
  template: { id: string; version: number; named: string };
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
  /** How many were, when it ended. */
  finished: number;
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

/** Counts towards the desired capacity; also in standby, as a maintained instance comes back. */
export const isLive = ({ state }: EssMember): boolean => !state.startsWith('Removing');

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
