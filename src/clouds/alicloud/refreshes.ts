import { BakeError, messageOf } from '../../run/errors.ts';
import type { InstanceRefresh, InstanceRefreshes, RefreshPreferences, RefreshState } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { failedWith } from './errors.ts';
import { groupIdOf } from './group-ids.ts';
import { taskOf, tasksOf, type WireTask } from './refresh-tasks.ts';

/** ESS pauses at a checkpoint for whole minutes, up to two days. Milliseconds. */
const MINUTE = 60_000;
const LONGEST_PAUSE = 2_880;

/** Instance refreshes of ESS. There is no warm-up, no soak, no alarm and no way back of its own accord: bake sees to those. */
export function refreshes(ali: Connection): InstanceRefreshes {
  /** Ends the task that is under way; false when there is none that can be ended so. */
  async function end(group: string, action: string): Promise<boolean> {
    const ScalingGroupId = await groupIdOf(ali, group);
    const task = ScalingGroupId && (await taskOf(ali, ScalingGroupId));
    if (!task) return false;
    try {
      const { InstanceRefreshTaskId } = task;
      await ali.call('ess', action, { ScalingGroupId, InstanceRefreshTaskId });
      return true;
    } catch (error) {
      const none = ['IncorrectInstanceRefreshTaskStatus', 'InstanceRefresh.RollbackNotSupported'];
      if (failedWith(error, ...none)) return false;
      throw error;
    }
  }

  return {
    async start(group, { templateId, version, preferences }) {
      const ScalingGroupId = await groupIdOf(ali, group);
      const query = {
        ScalingGroupId,
        ...preferencesOf(preferences),
        DesiredConfiguration: { LaunchTemplateId: templateId, LaunchTemplateVersion: String(version) },
        ClientToken: `${ScalingGroupId}-${version}-${ali.clock.now()}`.slice(-64),
      };
      try {
        const answer = await ali.call<{ InstanceRefreshTaskId: string }>(
          'ess',
          'StartInstanceRefresh',
          query,
        );
        ali.made(answer.InstanceRefreshTaskId);
        return answer.InstanceRefreshTaskId;
      } catch (error) {
        const active = ScalingGroupId === undefined ? undefined : await taskOf(ali, ScalingGroupId);
        if (!active) throw error;
        throw new BakeError(`the group ${group} is being refreshed already: ${messageOf(error)}`, {
          hint: 'Wait until it ends, or cancel it; "bake status" shows it.',
          details: [`${active.InstanceRefreshTaskId}: ${active.Status}`],
          cause: error,
        });
      }
    },

    async find(group, refreshId) {
      const ScalingGroupId = await groupIdOf(ali, group);
      if (ScalingGroupId === undefined) return undefined;
      const find = async () => (await tasksOf(ali, ScalingGroupId, [refreshId])).map(toRefresh);
      return (await ali.findAll([refreshId], find))[0];
    },

    async list(group) {
      const ScalingGroupId = await groupIdOf(ali, group);
      return ScalingGroupId === undefined ? [] : (await tasksOf(ali, ScalingGroupId)).map(toRefresh);
    },

    rollback: (group) => end(group, 'RollbackInstanceRefresh'),
    cancel: (group) => end(group, 'CancelInstanceRefresh'),
  };
}

/** ESS: StartInstanceRefresh. The last checkpoint has to be 100. */
export function preferencesOf(preferences: RefreshPreferences): { [name: string]: Parameter } {
  const { checkpoints, checkpointDelay = 0 } = preferences;
  const whole = checkpoints.length === 0 || checkpoints.at(-1) === 100 ? checkpoints : [...checkpoints, 100];
  const minutes = Math.ceil(checkpointDelay / MINUTE);
  return {
    MinHealthyPercentage: preferences.minHealthyPercentage,
    MaxHealthyPercentage: preferences.maxHealthyPercentage,
    SkipMatching: preferences.skipMatching,
    Checkpoints: whole.map((Percentage) => ({ Percentage })),
    CheckpointPauseTime: whole.length > 0 ? Math.min(LONGEST_PAUSE, Math.max(1, minutes)) : undefined,
  };
}

const STATES: Record<string, RefreshState> = {
  Pending: 'pending',
  InProgress: 'in-progress',
  Paused: 'in-progress',
  CheckpointPause: 'in-progress',
  Cancelling: 'cancelling',
  RollbackInProgress: 'rollback-in-progress',
  Successful: 'successful',
  Failed: 'failed',
  Cancelled: 'cancelled',
  RollbackSuccessful: 'rollback-successful',
  RollbackFailed: 'rollback-failed',
};

/** An instance refresh in bake's words. */
export function toRefresh(task: WireTask): InstanceRefresh {
  const { FinishedUpdateCapacity: finished = 0, TotalNeedUpdateCapacity: total = 0, Status = '' } = task;
  const state = STATES[Status] ?? 'pending';
  const version = Number(task.DesiredConfiguration?.LaunchTemplateVersion);
  const percent = state === 'successful' ? 100 : total === 0 ? 0 : Math.floor((finished * 100) / total);
  const paused =
    Status === 'Paused' ? 'paused' : Status === 'CheckpointPause' ? 'at a checkpoint' : undefined;
  return {
    id: task.InstanceRefreshTaskId,
    state,
    reason: task.Detail || paused,
    percent,
    instancesToUpdate: Math.max(0, total - finished),
    startedAt: task.StartTime ? Date.parse(task.StartTime) : undefined,
    endedAt: task.EndTime ? Date.parse(task.EndTime) : undefined,
    rollback: state.startsWith('rollback')
      ? { reason: task.Detail ?? '', percent, instancesToUpdate: Math.max(0, total - finished) }
      : undefined,
    templateVersion: Number.isInteger(version) && version > 0 ? version : undefined,
    checkpoints: (task.Checkpoints ?? []).flatMap(({ Percentage }) => Percentage ?? []),
  };
}
