import type {
  AutoScalingGroup,
  PutScalingPolicyType,
  PutScheduledUpdateGroupActionType,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { MetricAlarm, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { trafficOf } from './copies-group.ts';
import {
  alarmNameFor,
  namesOnly,
  policyIn,
  type Renaming,
  renamed,
  tagsFor,
  without,
} from './copies-names.ts';
import type { TaggedAlarm } from './copies-read.ts';
import { tagList, withoutEmptyLists } from './describe.ts';

/** What an alarm's description has that nobody sets. */
export const ALARM_STATE = [
  'AlarmArn',
  'AlarmConfigurationUpdatedTimestamp',
  'StateValue',
  'StateReason',
  'StateReasonData',
  'StateUpdatedTimestamp',
  'StateTransitionedTimestamp',
  'EvaluationState',
] as const satisfies (keyof MetricAlarm)[];

export const ACTIONS = ['OKActions', 'AlarmActions', 'InsufficientDataActions'] as const;

/**
 * A policy that counts the requests of a target group can be made for a group that has it. Source: AWS
 * PredefinedMetricSpecification, "ResourceLabel".
 */
export function isPostponed(policy: ScalingPolicy, copy: AutoScalingGroup, renaming: Renaming): boolean {
  const attached = trafficOf(copy).map(({ Identifier }) => Identifier!);
  return !namesOnly(renamed(policy, renaming), attached);
}

/** The request that makes a policy like this one. */
export function policyFor(policy: ScalingPolicy, renaming: Renaming): PutScalingPolicyType {
  const settings = without(policy, 'PolicyARN', 'Alarms');
  // The old name of the magnitude, which AWS describes under both.
  if (policy.MinAdjustmentMagnitude !== undefined) settings.MinAdjustmentStep = undefined;
  // Every kind of policy is described with the steps that only one of them has.
  if (policy.StepAdjustments?.length === 0) settings.StepAdjustments = undefined;
  return {
    ...withoutEmptyLists(renamed(settings, renaming)),
    PolicyName: policy.PolicyName,
    AutoScalingGroupName: renaming.to.name,
  };
}

/** The request that makes an alarm like this one, for the copy's policies (their ARNs by name). Other groups' are left out. */
export function alarmFor(
  { alarm, tags }: TaggedAlarm,
  policies: Map<string, string>,
  renaming: Renaming,
): PutMetricAlarmInput {
  const actions = ACTIONS.map((list) => [list, actionsFor(alarm[list] ?? [], policies, renaming)]);
  return {
    ...withoutEmptyLists(renamed(without(alarm, ...ALARM_STATE), renaming)),
    ...Object.fromEntries(actions),
    AlarmName: alarmNameFor(alarm.AlarmName!, renaming),
    Tags: tagList(tagsFor(tags, renaming)),
  } as PutMetricAlarmInput;
}

const actionsFor = (arns: string[], policies: Map<string, string>, { from }: Renaming): string[] =>
  arns.flatMap((arn) => {
    const policy = policyIn(arn);
    if (!policy) return [arn];
    return (policy.group === from && policies.get(policy.name)) || [];
  });

/** A start in the past is refused, and has no meaning for what recurs. */
export const startOf = ({ StartTime }: ScheduledUpdateGroupAction, now: number): Date | undefined =>
  StartTime && StartTime.getTime() > now ? StartTime : undefined;

/** It has happened, for the last time. */
export const isOver = (schedule: ScheduledUpdateGroupAction, now: number): boolean =>
  (schedule.EndTime !== undefined && schedule.EndTime.getTime() <= now) ||
  (schedule.Recurrence === undefined && startOf(schedule, now) === undefined);

/** The request that makes a scheduled action like this one. */
export const scheduleFor = (
  schedule: ScheduledUpdateGroupAction,
  now: number,
  { to }: Renaming,
): PutScheduledUpdateGroupActionType => ({
  ...without(schedule, 'ScheduledActionARN', 'Time', 'StartTime'),
  ScheduledActionName: schedule.ScheduledActionName,
  AutoScalingGroupName: to.name,
  StartTime: startOf(schedule, now),
});
