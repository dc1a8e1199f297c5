import type { ActivityRecord } from '../../engine/autoscaling/activities.ts';

/** AWS: Activity. */
export const viewActivity = (activity: ActivityRecord) => ({
  ActivityId: activity.id,
  AutoScalingGroupName: activity.group,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  StatusMessage: activity.message?.slice(0, 255),
  Progress: activity.progress,
  Details: JSON.stringify(activity.details),
  AutoScalingGroupState: activity.groupDeleted ? 'Deleted' : undefined,
  AutoScalingGroupARN: activity.groupArn,
});
