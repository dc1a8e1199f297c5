import { bakingReason } from '../../engine/autoscaling/refresh/reasons.ts';
import type { RefreshPreferences, RefreshRecord } from '../../engine/autoscaling/refresh/record.ts';
import type { Engine } from '../../engine/engine.ts';
import { viewMixed } from './mixed-wire.ts';
import { viewTemplate } from './template-wire.ts';

/** AWS: InstanceRefresh. */
export const viewRefresh = (engine: Engine, refresh: RefreshRecord) => ({
  InstanceRefreshId: refresh.id,
  AutoScalingGroupName: refresh.group,
  Status: refresh.status,
  StatusReason: (refresh.status === 'Baking' ? bakingReason(engine, refresh) : refresh.statusReason)?.slice(
    0,
    1023,
  ),
  StartTime: new Date(refresh.startedAt),
  EndTime: refresh.endedAt === undefined ? undefined : new Date(refresh.endedAt),
  ...viewProgress(refresh),
  Preferences: viewPreferences(refresh.preferences),
  DesiredConfiguration: viewDesired(refresh),
  RollbackDetails: refresh.rollback && {
    RollbackReason: refresh.rollback.reason,
    RollbackStartTime: new Date(refresh.rollback.startedAt),
    PercentageCompleteOnRollback: refresh.rollback.percent,
    InstancesToUpdateOnRollback: refresh.rollback.toUpdate,
  },
  Strategy: 'Rolling',
});

/** With a warm pool the numbers are of both, and each has its own besides. */
function viewProgress({ percent, toUpdate, pool }: RefreshRecord) {
  if (!pool) return { PercentageComplete: percent, InstancesToUpdate: toUpdate };
  return {
    PercentageComplete: Math.floor((percent + pool.percent) / 2),
    InstancesToUpdate: toUpdate + pool.toUpdate,
    ProgressDetails: {
      LivePoolProgress: { PercentageComplete: percent, InstancesToUpdate: toUpdate },
      WarmPoolProgress: { PercentageComplete: pool.percent, InstancesToUpdate: pool.toUpdate },
    },
  };
}

const viewDesired = ({ desired, desiredMixed }: RefreshRecord) => {
  if (!desired) return undefined;
  if (!desiredMixed) return { LaunchTemplate: viewTemplate(desired) };
  return { MixedInstancesPolicy: viewMixed({ template: desired, mixed: desiredMixed }) };
};

/** As the service shows them: with the defaults that were taken at the start. */
const viewPreferences = (preferences: RefreshPreferences) => ({
  MinHealthyPercentage: preferences.min,
  MaxHealthyPercentage: preferences.max,
  InstanceWarmup: preferences.warmup,
  ...(preferences.checkpoints.length > 0 && {
    CheckpointPercentages: preferences.checkpoints,
    CheckpointDelay: preferences.checkpointDelay,
  }),
  SkipMatching: preferences.skipMatching,
  AutoRollback: preferences.autoRollback,
  ScaleInProtectedInstances: preferences.protectedInstances,
  StandbyInstances: preferences.standbyInstances,
  AlarmSpecification: preferences.alarms.length > 0 ? { Alarms: preferences.alarms } : undefined,
  BakeTime: preferences.bakeTime,
});
