import { type EssActivity, essActivities, findEssGroup } from '../../../engine/ess/records.ts';
import type { Operation } from '../../service.ts';
import { inEcsWords } from '../ecs/errors.ts';
import { pageOf } from '../ecs/input.ts';
import { outwardText } from '../ids.ts';
import { toTheMinute } from './input.ts';

function activityView(activity: EssActivity): object {
  const { created, destroyed, status } = activity;
  const detail = [
    ...(created.length > 0 ? [`new ECS instances "${created.join(', ')}" are created.`] : []),
    ...(destroyed.length > 0 ? [`ECS instances "${destroyed.join(', ')}" are removed.`] : []),
  ];
  return {
    ScalingActivityId: activity.activityId,
    ScalingGroupId: activity.groupId,
    StatusCode: status,
    StatusMessage: outwardText(activity.errorMessage ?? detail.join(' ')),
    Description: activity.description,
    Cause: activity.cause,
    Detail: detail.join(' '),
    Progress: status === 'InProgress' ? 50 : 100,
    ErrorCode: activity.errorCode && inEcsWords(activity.errorCode)[0],
    ErrorMessage: activity.errorMessage && outwardText(activity.errorMessage),
    CreatedInstances: created,
    CreatedCapacity: created.length,
    DestroyedInstances: destroyed,
    DestroyedCapacity: destroyed.length,
    ScalingInstanceNumber: created.length + destroyed.length,
    StartedInstances: [],
    StoppedInstances: [],
    InstanceRefreshTaskId: activity.refreshId,
    StartTime: toTheMinute(activity.startedAt),
    EndTime: activity.endedAt === undefined ? undefined : toTheMinute(activity.endedAt),
  };
}

/** Newest first. */
const DescribeScalingActivities: Operation = (input, { engine }) => {
  const groupId = input.text('ScalingGroupId');
  if (groupId !== undefined) findEssGroup(engine, groupId);
  const ids = input.list('ScalingActivityIds');
  const refreshId = input.text('InstanceRefreshTaskId');
  const status = input.text('StatusCode');
  const found = essActivities(engine)
    .filter(
      (activity) =>
        (groupId === undefined || activity.groupId === groupId) &&
        (ids.length === 0 || ids.includes(activity.activityId)) &&
        (refreshId === undefined || activity.refreshId === refreshId) &&
        (status === undefined || activity.status === status),
    )
    .reverse();
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return { ...page, ScalingActivities: items.map(activityView) };
};

export const activityOperations: Record<string, Operation> = { DescribeScalingActivities };
