import { bakingReason } from '../../engine/autoscaling/refresh/reasons.ts';
import type { RefreshPreferences, RefreshRecord } from '../../engine/autoscaling/refresh/record.ts';
import type { Engine } from '../../engine/engine.ts';
import { viewTemplate } from './member-view.ts';

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
  PercentageComplete: refresh.percent,
  InstancesToUpdate: refresh.toUpdate,
  Preferences: viewPreferences(refresh.preferences),
  DesiredConfiguration: refresh.desired && { LaunchTemplate: viewTemplate(refresh.desired) },
  RollbackDetails: refresh.rollback && {
    RollbackReason: refresh.rollback.reason,
    RollbackStartTime: new Date(refresh.rollback.startedAt),
    PercentageCompleteOnRollback: refresh.rollback.percent,
    InstancesToUpdateOnRollback: refresh.rollback.toUpdate,
  },
  Strategy: 'Rolling',
});

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
