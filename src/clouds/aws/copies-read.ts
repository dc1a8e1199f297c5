import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeLifecycleHooksCommand,
  type LifecycleHook,
  type NotificationConfiguration,
  paginateDescribeNotificationConfigurations,
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
  type ScalingPolicy,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { Tags } from '../cloud.ts';
import { inBatches } from './batches.ts';
import type { Connection } from './connection.ts';
import { tagRecord } from './describe.ts';
import { readGroup } from './groups.ts';

/** CloudWatch: most names in one DescribeAlarms. */
const MOST_ALARMS = 100;

/** An Auto Scaling group with everything that belongs to it, as AWS describes it. */
export interface WholeGroup {
  group: AutoScalingGroup;
  hooks: LifecycleHook[];
  policies: ScalingPolicy[];
  alarms: TaggedAlarm[];
  schedules: ScheduledUpdateGroupAction[];
  notifications: NotificationConfiguration[];
}

export interface TaggedAlarm {
  alarm: MetricAlarm;
  tags: Tags;
}

/** Undefined where there is no such group. */
export async function readWhole(aws: Connection, name: string): Promise<WholeGroup | undefined> {
  const group = await readGroup(aws, name);
  if (!group) return undefined;
  const client = aws.client(AutoScalingClient);
  const AutoScalingGroupName = name;
  const [{ LifecycleHooks = [] }, policies, schedules, notifications] = await Promise.all([
    client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName })),
    readPolicies(aws, name),
    all(
      paginateDescribeScheduledActions({ client }, { AutoScalingGroupName }),
      (page) => page.ScheduledUpdateGroupActions,
    ),
    all(
      paginateDescribeNotificationConfigurations({ client }, { AutoScalingGroupNames: [name] }),
      (page) => page.NotificationConfigurations,
    ),
  ]);
  const alarms = await readAlarms(aws, alarmNames(policies));
  return { group, hooks: LifecycleHooks, policies, alarms, schedules, notifications };
}

export const readPolicies = (aws: Connection, AutoScalingGroupName: string): Promise<ScalingPolicy[]> =>
  all(
    paginateDescribePolicies({ client: aws.client(AutoScalingClient) }, { AutoScalingGroupName }),
    (page) => page.ScalingPolicies,
  );

/** Of the alarms that call these policies, those that somebody gave them: target tracking's are its own. */
export const alarmNames = (policies: ScalingPolicy[]): string[] => [
  ...new Set(
    policies
      .filter(({ PolicyType }) => PolicyType !== 'TargetTrackingScaling')
      .flatMap(({ Alarms = [] }) => Alarms.map(({ AlarmName }) => AlarmName!)),
  ),
];

/** Those that exist, with their tags. */
export async function readAlarms(aws: Connection, names: string[]): Promise<TaggedAlarm[]> {
  const found: TaggedAlarm[] = [];
  for (const AlarmNames of inBatches(names, MOST_ALARMS)) {
    const client = aws.client(CloudWatchClient);
    const command = new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm'] });
    for (const alarm of (await client.send(command)).MetricAlarms ?? []) {
      const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: alarm.AlarmArn }));
      found.push({ alarm, tags: tagRecord(Tags) });
    }
  }
  return found;
}

async function all<P, T>(pages: AsyncIterable<P>, items: (page: P) => T[] | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}
