import type {
  InstanceRefresh as Ec2InstanceRefresh,
  RefreshPreferences as Ec2RefreshPreferences,
} from '@aws-sdk/client-auto-scaling';
import type { InstanceRefresh, RefreshPreferences, RefreshState } from '../cloud.ts';

const STATES: Record<string, RefreshState> = {
  Pending: 'pending',
  InProgress: 'in-progress',
  Baking: 'baking',
  Cancelling: 'cancelling',
  RollbackInProgress: 'rollback-in-progress',
  Successful: 'successful',
  Failed: 'failed',
  Cancelled: 'cancelled',
  RollbackSuccessful: 'rollback-successful',
  RollbackFailed: 'rollback-failed',
};
const PROTECTED = { refresh: 'Refresh', ignore: 'Ignore', wait: 'Wait' } as const;
const STANDBY = { terminate: 'Terminate', ignore: 'Ignore', wait: 'Wait' } as const;

const seconds = (ms: number): number => Math.round(ms / 1_000);

/**
 * AWS: RefreshPreferences. Both percentages are always sent: without the larger one AWS terminates and launches at once,
 * which takes a group of one out of service. A checkpoint delay without checkpoints is refused.
 */
export function preferencesOf(preferences: RefreshPreferences): Ec2RefreshPreferences {
  const { warmup, checkpoints, checkpointDelay, alarms, soak } = preferences;
  const delay = checkpointDelay === undefined ? undefined : seconds(checkpointDelay);
  return {
    MinHealthyPercentage: preferences.minHealthyPercentage,
    MaxHealthyPercentage: preferences.maxHealthyPercentage,
    InstanceWarmup: warmup === undefined ? undefined : seconds(warmup),
    ...(checkpoints.length > 0 && { CheckpointPercentages: checkpoints, CheckpointDelay: delay }),
    SkipMatching: preferences.skipMatching,
    AutoRollback: preferences.autoRollback,
    AlarmSpecification: alarms.length > 0 ? { Alarms: alarms } : undefined,
    BakeTime: soak > 0 ? seconds(soak) : undefined,
    ScaleInProtectedInstances: PROTECTED[preferences.scaleInProtected],
    StandbyInstances: STANDBY[preferences.standby],
  };
}

/** An instance refresh in bake's words. */
export function toRefresh(refresh: Ec2InstanceRefresh): InstanceRefresh {
  const { DesiredConfiguration: desired, RollbackDetails: rollback } = refresh;
  const template =
    desired?.LaunchTemplate ?? desired?.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const version = Number(template?.Version);
  return {
    id: refresh.InstanceRefreshId!,
    state: STATES[refresh.Status ?? ''] ?? 'pending',
    reason: refresh.StatusReason || undefined,
    percent: refresh.PercentageComplete ?? 0,
    instancesToUpdate: refresh.InstancesToUpdate ?? 0,
    startedAt: refresh.StartTime?.getTime(),
    endedAt: refresh.EndTime?.getTime(),
    rollback: rollback && {
      reason: rollback.RollbackReason ?? '',
      percent: rollback.PercentageCompleteOnRollback ?? 0,
      instancesToUpdate: rollback.InstancesToUpdateOnRollback ?? 0,
    },
    templateVersion: Number.isInteger(version) ? version : undefined,
    checkpoints: refresh.Preferences?.CheckpointPercentages ?? [],
  };
}
