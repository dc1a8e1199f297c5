import type { Engine } from '../engine.ts';
import { groups, invalid, requireGroup, requireLiveGroup } from './groups.ts';

/** AWS: NotificationConfiguration. Kept and shown: there is no SNS here that could deliver. */
interface NotificationRecord {
  group: string;
  topicArn: string;
  types: string[];
}

/** AWS: DescribeAutoScalingNotificationTypes. */
export const NOTIFICATION_TYPES = [
  'autoscaling:EC2_INSTANCE_LAUNCH',
  'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
  'autoscaling:EC2_INSTANCE_TERMINATE',
  'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
  'autoscaling:TEST_NOTIFICATION',
];

const MOST_TOPICS = 10;

const notifications = (engine: Engine) => engine.store.table<NotificationRecord>('scalingNotifications');

const keyOf = (group: string, topicArn: string) => `${group} ${topicArn}`;

/** Of the groups named, or of all. */
export const notificationsOf = (engine: Engine, names: string[]): NotificationRecord[] =>
  notifications(engine).filter(
    ({ group }) => groups(engine).has(group) && (names.length === 0 || names.includes(group)),
  );

/** Replaces what the group tells this topic. Throws ValidationError. */
export function putNotification(engine: Engine, group: string, topicArn: string, types: string[]): void {
  requireLiveGroup(engine, group);
  const unknown = types.filter((type) => !NOTIFICATION_TYPES.includes(type));
  if (types.length === 0 || unknown.length > 0) {
    throw invalid(`"${unknown.join(', ')}" is not a valid Notification Type`);
  }
  if (!topicArn.startsWith('arn:aws:sns:')) throw invalid(`Invalid TopicARN: ${topicArn}`);
  const others = notificationsOf(engine, [group]).filter((each) => each.topicArn !== topicArn);
  if (others.length >= MOST_TOPICS) throw invalid(`A group can notify at most ${MOST_TOPICS} topics.`);
  notifications(engine).put(keyOf(group, topicArn), { group, topicArn, types });
}

/** A topic that the group does not know is no error. */
export function deleteNotification(engine: Engine, group: string, topicArn: string): void {
  requireGroup(engine, group);
  notifications(engine).delete(keyOf(group, topicArn));
}

export function deleteNotificationsOf(engine: Engine, group: string): void {
  for (const { topicArn } of notificationsOf(engine, [group]))
    notifications(engine).delete(keyOf(group, topicArn));
}
