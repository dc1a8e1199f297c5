import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';
import type { WireGroup } from './group-view.ts';
import { taskOf } from './refresh-tasks.ts';

/** How long another activity of the group may hold a change up. Milliseconds. */
const BUSY_WINDOW = 120_000;
const BUSY = ['ScalingActivityInProgress', 'IncorrectScalingGroupStatus', 'InvalidOperation.Conflict'];

/** A change of a group, waited for while something else is going on in it. */
export const whileBusy = <T>(ali: Connection, call: () => Promise<T>): Promise<T> =>
  ali.again(call, (error) => failedWith(error, ...BUSY), BUSY_WINDOW);

/** A new group is inactive. One that is active refuses to be enabled: so it does when the answer to the first call was lost. */
export async function enable(ali: Connection, ScalingGroupId: string): Promise<void> {
  const isActive = async () => {
    const { ScalingGroups: [group] = [] } = await ali.call<{ ScalingGroups?: WireGroup[] }>(
      'ess',
      'DescribeScalingGroups',
      { ScalingGroupIds: [ScalingGroupId] },
    );
    return group?.LifecycleState === 'Active';
  };
  await whileBusy(ali, async () => {
    if (await isActive()) return;
    await ali.call('ess', 'EnableScalingGroup', { ScalingGroupId });
  });
}

/** Pauses the refresh that is under way, or lets it go on; where it is so already, or none is, nothing is done. */
export async function setPaused(ali: Connection, ScalingGroupId: string, paused: boolean): Promise<void> {
  const wanted = async () => {
    const task = await taskOf(ali, ScalingGroupId);
    const from = paused
      ? ['Pending', 'InProgress', 'CheckpointPause']
      : // A checkpoint's own pause ends, too.
        ['Paused', 'CheckpointPause'];
    return task?.Status !== undefined && from.includes(task.Status) ? task : undefined;
  };
  const task = await wanted();
  if (!task) return;
  const { InstanceRefreshTaskId } = task;
  try {
    const action = paused ? 'SuspendInstanceRefresh' : 'ResumeInstanceRefresh';
    await ali.call('ess', action, { ScalingGroupId, InstanceRefreshTaskId });
  } catch (error) {
    // It has been done: the answer was lost; or it has gone on meanwhile.
    if (await wanted()) throw error;
  }
}
