import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  EnableMetricsCollectionCommand,
  PutLifecycleHookCommand,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  PutWarmPoolCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  type MetricAlarm,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { BakeError } from '../../run/errors.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { differencesBetween } from './copies-compare.ts';
import { groupTagsFor, hookFor, settingsFor } from './copies-group.ts';
import { alarmNameFor, policyIn, without } from './copies-names.ts';
import type { Comparison } from './copies-parts.ts';
import { readAlarms, readPolicies } from './copies-read.ts';
import { ACTIONS, alarmFor, isOver, isPostponed, policyFor, scheduleFor } from './copies-scaling.ts';
import { whileTemplateSettles } from './group-template.ts';

/** Makes or corrects these parts of a copy (keys of their comparison); each call may be repeated. Protection from deletion comes last. */
export async function putParts(aws: Connection, comparison: Comparison, keys: Set<string>): Promise<void> {
  await putGroup(aws, comparison, keys);
  await putOwnCalls(aws, comparison, keys);
  await putScaling(aws, comparison, keys);
  const { group } = comparison.original;
  if (!keys.has('deletion protection')) return;
  const protection = {
    AutoScalingGroupName: comparison.renaming.to.name,
    DeletionProtection: group.DeletionProtection,
  };
  await whileBusy(aws, () =>
    aws.client(AutoScalingClient).send(new UpdateAutoScalingGroupCommand(protection)),
  );
}

/** What the creating call has set: it is otherwise only when the original has been changed since an earlier attempt. */
async function putGroup(
  aws: Connection,
  { renaming, original }: Comparison,
  keys: Set<string>,
): Promise<void> {
  const client = aws.client(AutoScalingClient);
  const AutoScalingGroupName = renaming.to.name;
  if (keys.has('settings')) {
    const command = new UpdateAutoScalingGroupCommand(settingsFor(original, renaming));
    await whileTemplateSettles(aws, renaming.to.template, () => whileBusy(aws, () => client.send(command)));
  }
  if (keys.has('tags')) {
    const Tags = groupTagsFor(original.group.Tags ?? [], renaming);
    await whileBusy(aws, () => client.send(new CreateOrUpdateTagsCommand({ Tags })));
  }
  for (const hook of original.hooks) {
    if (!keys.has(`lifecycle hook ${hook.LifecycleHookName}`)) continue;
    const command = new PutLifecycleHookCommand({ AutoScalingGroupName, ...hookFor(hook) });
    await whileBusy(aws, () => client.send(command));
  }
}

/** Warm pool, metrics, notifications. */
async function putOwnCalls(aws: Connection, { renaming, original }: Comparison, keys: Set<string>) {
  const client = aws.client(AutoScalingClient);
  const AutoScalingGroupName = renaming.to.name;
  const { WarmPoolConfiguration, EnabledMetrics = [] } = original.group;
  if (keys.has('warm pool') && WarmPoolConfiguration) {
    const pool = without(WarmPoolConfiguration, 'Status');
    await whileBusy(aws, () => client.send(new PutWarmPoolCommand({ AutoScalingGroupName, ...pool })));
  }
  const granularities = new Set(keys.has('metrics') ? EnabledMetrics.map((each) => each.Granularity!) : []);
  for (const Granularity of granularities) {
    const Metrics = EnabledMetrics.filter((each) => each.Granularity === Granularity).map(
      (each) => each.Metric!,
    );
    const command = new EnableMetricsCollectionCommand({ AutoScalingGroupName, Granularity, Metrics });
    await whileBusy(aws, () => client.send(command));
  }
  for (const TopicARN of new Set(original.notifications.map((each) => each.TopicARN))) {
    if (!keys.has(`topic ${TopicARN}`)) continue;
    const told = original.notifications.filter((each) => each.TopicARN === TopicARN);
    const NotificationTypes = told.map((each) => each.NotificationType!);
    const query = { AutoScalingGroupName, TopicARN, NotificationTypes };
    await whileBusy(aws, () => client.send(new PutNotificationConfigurationCommand(query)));
  }
}

/** Policies, then the alarms that call them, then schedules. */
async function putScaling(aws: Connection, comparison: Comparison, keys: Set<string>): Promise<void> {
  const { renaming, original, copy, now } = comparison;
  const client = aws.client(AutoScalingClient);
  for (const policy of original.policies) {
    if (!keys.has(`policy ${policy.PolicyName}`) || isPostponed(policy, copy.group, renaming)) continue;
    const command = new PutScalingPolicyCommand(policyFor(policy, renaming));
    await whileBusy(aws, () => client.send(command));
  }
  await putAlarms(aws, comparison, keys);
  for (const schedule of original.schedules) {
    if (!keys.has(`schedule ${schedule.ScheduledActionName}`) || isOver(schedule, now)) continue;
    const command = new PutScheduledUpdateGroupActionCommand(scheduleFor(schedule, now, renaming));
    await whileBusy(aws, () => client.send(command));
  }
}

async function putAlarms(
  aws: Connection,
  { renaming, original }: Comparison,
  keys: Set<string>,
): Promise<void> {
  const nameOf = (name: string | undefined) => alarmNameFor(name!, renaming);
  const wanted = original.alarms.filter(({ alarm }) => keys.has(`alarm ${nameOf(alarm.AlarmName)}`));
  if (wanted.length === 0) return;
  const { name } = renaming.to;
  const policies = await readPolicies(aws, name);
  const arns = new Map(policies.map(({ PolicyName = '', PolicyARN = '' }) => [PolicyName, PolicyARN]));
  const requests = wanted.map((each) => alarmFor(each, arns, renaming));
  await refuseForeign(aws, requests, name);
  for (const request of requests) {
    await aws.client(CloudWatchClient).send(new PutMetricAlarmCommand(request));
  }
}

/**
 * Putting an alarm replaces one of that name: not somebody else's. What a group of the copy's name has left behind is the copy's: it
 * calls that group's policies, or it watches the same.
 */
async function refuseForeign(aws: Connection, requests: PutMetricAlarmInput[], group: string): Promise<void> {
  const names = requests.map(({ AlarmName }) => AlarmName!);
  for (const { alarm } of await readAlarms(aws, names)) {
    const actions = ACTIONS.flatMap((list) => alarm[list] ?? []);
    const request = requests.find(({ AlarmName }) => AlarmName === alarm.AlarmName)!;
    if (actions.some((arn) => policyIn(arn)?.group === group) || watchSame(request, alarm)) continue;
    throw new BakeError(`there is an alarm named ${alarm.AlarmName} already, which is not ${group}'s`, {
      hint: 'Rename or delete it: the copy of a scaling policy needs an alarm of that name.',
    });
  }
}

function watchSame(a: PutMetricAlarmInput, b: MetricAlarm): boolean {
  const watched = ({ Namespace, MetricName, Dimensions, Metrics }: PutMetricAlarmInput | MetricAlarm) => [
    { key: '', fields: { Namespace, MetricName, Dimensions, Metrics } },
  ];
  return differencesBetween(watched(a), watched(b), { from: '', to: '' }).length === 0;
}
