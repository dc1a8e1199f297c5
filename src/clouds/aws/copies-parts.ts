import type {
  AutoScalingGroup,
  LaunchTemplateSpecification,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { CopiedGroup } from '../cloud.ts';
import type { Part } from './copies-compare.ts';
import { clearedOf, GROUP_FIELDS, trafficFor, trafficOf } from './copies-group.ts';
import { alarmNameFor, isTheirs, policyIn, type Renaming, renamed, without } from './copies-names.ts';
import type { TaggedAlarm, WholeGroup } from './copies-read.ts';
import { ACTIONS, ALARM_STATE, isOver, isPostponed, startOf } from './copies-scaling.ts';
import { templateOf } from './group-template.ts';

/** What changes the size of a group by itself: the copy stays empty, and then as large as it is made, until it is in front. */
export const SCALING_PROCESSES = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'];

/** What is compared: an original as its copy should be, and the copy as it is. */
export interface Comparison {
  renaming: Renaming;
  original: WholeGroup;
  copy: WholeGroup;
  now: number;
}

/** The parts of the original, in the copy's names. */
export function meantParts({ renaming, original, copy, now }: Comparison): Part[] {
  const { to } = renaming;
  const { group } = original;
  const has = (name: string | undefined) => copy.policies.some(({ PolicyName }) => PolicyName === name);
  const policies = original.policies.filter(
    (policy) => has(policy.PolicyName) || !isPostponed(policy, copy.group, renaming),
  );
  const schedules = original.schedules.filter((schedule) => !isOver(schedule, now));
  return [
    { key: 'settings', fields: { ...settings(group), ...pointer(group, to.template) } },
    { key: 'tags', fields: meantTags(group, renaming) },
    ...(to.traffic ? [{ key: 'traffic', fields: { sources: trafficFor(group, renaming) } }] : []),
    ...commonParts(original),
    ...renamed(policies, renaming).map(policyPart),
    ...original.alarms.map((each) => alarmPart(each, renaming.from, to, renaming)),
    ...schedules.map((each) => schedulePart(each, startOf(each, now))),
  ];
}

/** The parts of the copy. */
export function madeParts({ renaming, original, copy, now }: Comparison): Part[] {
  const { to } = renaming;
  const { group } = copy;
  const starts = (name: string | undefined) => {
    const same = original.schedules.find((each) => each.ScheduledActionName === name);
    return same && startOf(same, now);
  };
  return [
    { key: 'settings', fields: { ...settings(group), ...pointer(group) } },
    { key: 'tags', fields: madeTags(group, renaming) },
    ...(to.traffic ? [{ key: 'traffic', fields: { sources: trafficOf(group) } }] : []),
    ...commonParts(copy),
    ...copy.policies.map(policyPart),
    ...copy.alarms.map((each) => alarmPart(each, to.name, to)),
    ...copy.schedules
      .filter((schedule) => !isOver(schedule, now))
      .map((each) => schedulePart(each, starts(each.ScheduledActionName) && each.StartTime)),
  ];
}

/** Compared in parts of their own, by the template, or without what says that they are switched off. */
const ELSEWHERE = [
  'AutoScalingGroupName',
  'MinSize',
  'DesiredCapacity',
  'LaunchTemplate',
  'LaunchConfigurationName',
  'MixedInstancesPolicy',
  'Tags',
  'TrafficSources',
  'TargetGroupARNs',
  'LoadBalancerNames',
  'SuspendedProcesses',
  'EnabledMetrics',
  'WarmPoolConfiguration',
  'DeletionProtection',
  'DefaultInstanceWarmup',
  'InstanceMaintenancePolicy',
  'MaxInstanceLifetime',
];

/** Whatever a description has, but for what is compared elsewhere and what is nobody's to set. */
function settings(group: AutoScalingGroup): object {
  const fates: Record<string, string> = GROUP_FIELDS;
  const kept = Object.entries(group).filter(
    ([field]) => fates[field] !== 'state' && !ELSEWHERE.includes(field),
  );
  return {
    ...Object.fromEntries(kept),
    ...clearedOf(group),
    VPCZoneIdentifier: group.VPCZoneIdentifier?.split(','),
    HealthCheckType: group.HealthCheckType?.split(','),
  };
}

/** What is launched; `template` stands in for the group's own. */
function pointer(group: AutoScalingGroup, template?: { id: string; version: number }): object {
  const { id, version } = template ?? templateOf(group);
  const before = group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const moved = (own: LaunchTemplateSpecification | undefined) => {
    if (!own) return undefined;
    const follows = own.LaunchTemplateId === before?.LaunchTemplateId && own.Version === before?.Version;
    return {
      id: own.LaunchTemplateId,
      version: follows && own.LaunchTemplateId === id ? `${version}` : own.Version,
    };
  };
  const policy = group.MixedInstancesPolicy && {
    ...group.MixedInstancesPolicy,
    LaunchTemplate: {
      Overrides: group.MixedInstancesPolicy.LaunchTemplate?.Overrides?.map((override) => ({
        ...override,
        LaunchTemplateSpecification: moved(override.LaunchTemplateSpecification),
      })),
    },
  };
  return { LaunchTemplate: `${id}:${version}`, MixedInstancesPolicy: policy };
}

const tagsOf = (group: AutoScalingGroup): object =>
  Object.fromEntries(
    (group.Tags ?? []).map(({ Key, Value, PropagateAtLaunch }) => [Key, tag(Value, PropagateAtLaunch)]),
  );

const tag = (value: string | undefined, propagates: boolean | undefined) =>
  `${JSON.stringify(value ?? '')}${propagates ? '' : ' (not of its instances)'}`;

function meantTags(group: AutoScalingGroup, { to }: Renaming): object {
  const theirs = (group.Tags ?? []).filter(({ Key = '' }) => isTheirs(Key));
  return {
    ...tagsOf({ ...group, Tags: theirs }),
    ...mapValues(to.tags, (value) => tag(value, true)),
    ...mapValues(to.groupOnlyTags ?? {}, (value) => tag(value, false)),
  };
}

/** What bake has noted besides, on a copy that it uses already, is no difference. */
const madeTags = (group: AutoScalingGroup, { to }: Renaming): object => {
  const meant = (Key = '') => isTheirs(Key) || Key in to.tags || Key in (to.groupOnlyTags ?? {});
  return tagsOf({ ...group, Tags: group.Tags?.filter(({ Key }) => meant(Key)) });
};

const mapValues = (record: Record<string, string>, change: (value: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** What has no names in it. */
function commonParts({ group, hooks, notifications }: WholeGroup): Part[] {
  const suspended = (group.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName!);
  const pool = group.WarmPoolConfiguration && without(group.WarmPoolConfiguration, 'Status');
  const topics = [...new Set(notifications.map(({ TopicARN }) => TopicARN))];
  return [
    { key: 'metrics', fields: { collected: group.EnabledMetrics } },
    {
      key: 'processes',
      fields: { suspended: suspended.filter((name) => !SCALING_PROCESSES.includes(name)) },
    },
    { key: 'deletion protection', fields: { is: group.DeletionProtection ?? 'none' } },
    ...(pool ? [{ key: 'warm pool', fields: pool }] : []),
    ...hooks.map((hook) => ({
      key: `lifecycle hook ${hook.LifecycleHookName}`,
      fields: without(hook, 'LifecycleHookName', 'AutoScalingGroupName', 'GlobalTimeout'),
    })),
    ...topics.map((topic) => ({
      key: `topic ${topic}`,
      fields: {
        told: notifications
          .filter(({ TopicARN }) => TopicARN === topic)
          .map(({ NotificationType }) => NotificationType),
      },
    })),
  ];
}

const policyPart = (policy: ScalingPolicy): Part => ({
  key: `policy ${policy.PolicyName}`,
  fields: {
    ...without(policy, 'AutoScalingGroupName', 'PolicyName', 'PolicyARN', 'Alarms', 'MinAdjustmentStep'),
    MinAdjustmentMagnitude: policy.MinAdjustmentMagnitude ?? policy.MinAdjustmentStep,
  },
});

/** `renaming`: of an original's. Actions on its own policies are written by the policies' names. */
function alarmPart({ alarm, tags }: TaggedAlarm, group: string, to: CopiedGroup, renaming?: Renaming): Part {
  const { AlarmName = '' } = alarm;
  const fields = without(alarm, ...ALARM_STATE, 'AlarmName', ...ACTIONS);
  const actions = ACTIONS.map((list) => [list, actionsOf(alarm[list], group)]);
  const theirs = Object.entries(tags).filter(([key]) => isTheirs(key) && !(key in to.tags));
  return {
    key: `alarm ${renaming ? alarmNameFor(AlarmName, renaming) : AlarmName}`,
    fields: {
      ...(renaming ? renamed(fields, renaming) : fields),
      ...Object.fromEntries(actions),
      Tags: Object.fromEntries(theirs),
    },
  };
}

/** Another group's policies are none of a copy's business. */
const actionsOf = (arns: string[] | undefined, group: string) =>
  arns
    ?.filter((arn) => [undefined, group].includes(policyIn(arn)?.group))
    .map((arn) => (policyIn(arn) ? `policy ${policyIn(arn)!.name}` : arn));

const schedulePart = (schedule: ScheduledUpdateGroupAction, StartTime: Date | undefined): Part => ({
  key: `schedule ${schedule.ScheduledActionName}`,
  fields: {
    ...without(schedule, 'AutoScalingGroupName', 'ScheduledActionName', 'ScheduledActionARN', 'Time'),
    StartTime,
  },
});
