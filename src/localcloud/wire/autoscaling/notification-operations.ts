import {
  deleteNotification,
  NOTIFICATION_TYPES,
  notificationsOf,
  putNotification,
} from '../../engine/autoscaling/notifications.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';

export const PutNotificationConfiguration: Operation = (input, { engine }) =>
  putNotification(
    engine,
    input.require('AutoScalingGroupName'),
    input.require('TopicARN'),
    input.list('NotificationTypes'),
  );

/** One entry per group, topic and type. */
export const DescribeNotificationConfigurations: Operation = (input, { engine }) => {
  const found = notificationsOf(engine, input.list('AutoScalingGroupNames')).flatMap(
    ({ group, topicArn, types }) =>
      types.map((type) => ({
        AutoScalingGroupName: group,
        TopicARN: topicArn,
        NotificationType: type,
      })),
  );
  const { items, next } = pageOf(input, found);
  return { NotificationConfigurations: items, NextToken: next };
};

export const DeleteNotificationConfiguration: Operation = (input, { engine }) =>
  deleteNotification(engine, input.require('AutoScalingGroupName'), input.require('TopicARN'));

export const DescribeAutoScalingNotificationTypes: Operation = () => ({
  AutoScalingNotificationTypes: NOTIFICATION_TYPES,
});
