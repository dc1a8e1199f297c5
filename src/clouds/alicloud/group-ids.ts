import type { Connection } from './connection.ts';
import type { WireGroup } from './group-view.ts';

/** A group's id by its name, which is unique in a region; undefined where there is none. */
export async function groupIdOf(ali: Connection, name: string): Promise<string | undefined> {
  const { ScalingGroups: found = [] } = await ali.call<{ ScalingGroups?: WireGroup[] }>(
    'ess',
    'DescribeScalingGroups',
    { ScalingGroupNames: [name] },
  );
  return found.find(({ ScalingGroupName }) => ScalingGroupName === name)?.ScalingGroupId;
}
