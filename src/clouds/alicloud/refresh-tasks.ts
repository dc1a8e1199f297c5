import type { Connection } from './connection.ts';

/** An instance refresh as ESS describes it. */
export interface WireTask {
  InstanceRefreshTaskId: string;
  Status?: string;
  Detail?: string;
  StartTime?: string;
  EndTime?: string;
  FinishedUpdateCapacity?: number;
  TotalNeedUpdateCapacity?: number;
  Checkpoints?: { Percentage?: number }[];
  DesiredConfiguration?: { LaunchTemplateId?: string; LaunchTemplateVersion?: string };
}

const ENDED = ['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed'];

/** Newest first. */
export async function tasksOf(ali: Connection, ScalingGroupId: string, ids?: string[]): Promise<WireTask[]> {
  const { InstanceRefreshTasks = [] } = await ali.call<{ InstanceRefreshTasks?: WireTask[] }>(
    'ess',
    'DescribeInstanceRefreshes',
    { ScalingGroupId, InstanceRefreshTaskIds: ids, MaxResults: 50 },
  );
  return InstanceRefreshTasks.toSorted((a, b) => (b.StartTime ?? '').localeCompare(a.StartTime ?? ''));
}

/** The one that is under way. */
export const taskOf = async (ali: Connection, ScalingGroupId: string): Promise<WireTask | undefined> =>
  (await tasksOf(ali, ScalingGroupId)).find(({ Status = '' }) => !ENDED.includes(Status));
