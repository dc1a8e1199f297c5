/** How far an instance refresh is. */
export type RefreshState =
  | 'pending'
  | 'in-progress'
  | 'baking'
  | 'cancelling'
  | 'rollback-in-progress'
  | 'successful'
  | 'failed'
  | 'cancelled'
  | 'rollback-successful'
  | 'rollback-failed';

export interface InstanceRefresh {
  id: string;
  state: RefreshState;
  /** The cloud's own words. */
  reason?: string;
  /** 0-100. */
  percent: number;
  instancesToUpdate: number;
  startedAt?: number;
  endedAt?: number;
  rollback?: { reason: string; percent: number; instancesToUpdate: number };
  /** The launch template version it brings. */
  templateVersion?: number;
  checkpoints: number[];
}

export interface RefreshPreferences {
  minHealthyPercentage: number;
  maxHealthyPercentage: number;
  /** Milliseconds. */
  warmup?: number;
  checkpoints: number[];
  checkpointDelay?: number;
  skipMatching: boolean;
  autoRollback: boolean;
  alarms: string[];
  /** AWS: BakeTime. */
  soak: number;
  scaleInProtected: 'refresh' | 'ignore' | 'wait';
  standby: 'terminate' | 'ignore' | 'wait';
}

export interface InstanceRefreshes {
  /** The desired configuration is always sent, as a number. Fails with the words of the cloud when one is active. */
  start(
    group: string,
    request: { templateId: string; version: number; preferences: RefreshPreferences },
  ): Promise<string>;
  find(group: string, refreshId: string): Promise<InstanceRefresh | undefined>;
  /** Newest first. */
  list(group: string): Promise<InstanceRefresh[]>;
  /** False when there is none that could be rolled back. */
  rollback(group: string): Promise<boolean>;
  /** False when there is none active. */
  cancel(group: string): Promise<boolean>;
}
