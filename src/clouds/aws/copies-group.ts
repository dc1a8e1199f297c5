import type {
  AutoScalingGroup,
  CreateAutoScalingGroupType,
  LifecycleHook,
  LifecycleHookSpecification,
  Tag,
  TagDescription,
  TrafficSourceIdentifier,
} from '@aws-sdk/client-auto-scaling';
import { BakeError } from '../../run/errors.ts';
import { inPlace, isTheirs, type Renaming, without } from './copies-names.ts';
import type { WholeGroup } from './copies-read.ts';
import { withoutEmptyLists } from './describe.ts';
import { pointedAt } from './group-template.ts';

/**
 * What becomes of each field of a group: `sent` as it is in the creating call; `made` anew for the copy in that call; set by a call of
 * its `own`; `state`, which is nobody's to set; or one with which there can be `no copy`.
 * A field that a new version of the SDK brings has to get its place here.
 */
export const GROUP_FIELDS = {
  AutoScalingGroupName: 'made',
  AutoScalingGroupARN: 'state',
  LaunchConfigurationName: 'made',
  LaunchTemplate: 'made',
  MixedInstancesPolicy: 'made',
  MinSize: 'made',
  MaxSize: 'sent',
  DesiredCapacity: 'made',
  PredictedCapacity: 'state',
  DefaultCooldown: 'sent',
  AvailabilityZones: 'made',
  AvailabilityZoneIds: 'made',
  LoadBalancerNames: 'own',
  TargetGroupARNs: 'own',
  HealthCheckType: 'sent',
  HealthCheckGracePeriod: 'sent',
  Instances: 'state',
  CreatedTime: 'state',
  SuspendedProcesses: 'own',
  PlacementGroup: 'sent',
  VPCZoneIdentifier: 'made',
  EnabledMetrics: 'own',
  Status: 'state',
  Tags: 'made',
  TerminationPolicies: 'sent',
  NewInstancesProtectedFromScaleIn: 'sent',
  ServiceLinkedRoleARN: 'made',
  MaxInstanceLifetime: 'made',
  CapacityRebalance: 'sent',
  WarmPoolConfiguration: 'own',
  WarmPoolSize: 'state',
  Context: 'sent',
  DesiredCapacityType: 'sent',
  DefaultInstanceWarmup: 'made',
  TrafficSources: 'own',
  InstanceMaintenancePolicy: 'made',
  DeletionProtection: 'own',
  AvailabilityZoneDistribution: 'sent',
  AvailabilityZoneImpairmentPolicy: 'sent',
  CapacityReservationSpecification: 'sent',
  InstanceLifecyclePolicy: 'sent',
  Operator: 'no copy',
} as const satisfies Record<keyof Required<AutoScalingGroup>, 'sent' | 'made' | 'own' | 'state' | 'no copy'>;

type Sent = {
  [K in keyof typeof GROUP_FIELDS]: (typeof GROUP_FIELDS)[K] extends 'sent' ? K : never;
}[keyof typeof GROUP_FIELDS];

const SENT = Object.entries(GROUP_FIELDS).flatMap(([field, fate]) =>
  fate === 'sent' ? [field as Sent] : [],
);

/** The settings of the copy, for the call that makes it and for the one that corrects them. */
export function settingsFor({ group }: WholeGroup, { to }: Renaming) {
  const sent: Partial<Pick<AutoScalingGroup, Sent>> = Object.fromEntries(
    SENT.filter((field) => isSet(group[field])).map((field) => [field, group[field]]),
  );
  return {
    ...withoutEmptyLists(sent),
    AutoScalingGroupName: to.name,
    MaxSize: group.MaxSize,
    ...pointedAt(group, to.template),
    ...placeOf(group),
    ...clearedOf(group),
    ...roleOf(group),
    // What is so now was checked, or let pass, when the original was made so.
    ...(group.AvailabilityZoneImpairmentPolicy && { SkipZonalShiftValidation: true }),
  };
}

/** The call that makes the copy: empty, and complete before its first instance as far as one call can. */
export const creationFor = (original: WholeGroup, renaming: Renaming): CreateAutoScalingGroupType => ({
  ...settingsFor(original, renaming),
  MinSize: 0,
  DesiredCapacity: 0,
  Tags: groupTagsFor(original.group.Tags ?? [], renaming),
  LifecycleHookSpecificationList: original.hooks.map(hookFor),
});

/** Throws for a group that nobody but a service of AWS may change: bake could not go on with a copy. */
export function refuseOperated({ AutoScalingGroupName, Operator }: AutoScalingGroup): void {
  if (!Operator) return;
  throw new BakeError(`scaling group ${AutoScalingGroupName} may be changed by ${Operator.Principal} alone`, {
    hint: 'A group of that kind cannot have a second colour: use the strategy rolling.',
  });
}

export const hookFor = (hook: LifecycleHook): LifecycleHookSpecification =>
  without(hook, 'AutoScalingGroupName', 'GlobalTimeout') as LifecycleHookSpecification;

/** Each of the original's tags propagates, or not, as it does there. */
export function groupTagsFor(original: TagDescription[], { to }: Renaming): Tag[] {
  const made = { ...to.tags, ...to.groupOnlyTags };
  const kept = original.filter(({ Key = '' }) => isTheirs(Key) && !(Key in made));
  return [
    ...kept.map(({ Key, Value, PropagateAtLaunch }) => ({ Key, Value, PropagateAtLaunch })),
    ...Object.entries(made).map(([Key, Value]) => ({
      Key,
      Value,
      PropagateAtLaunch: !(Key in (to.groupOnlyTags ?? {})),
    })),
  ].map((tag) => ({ ...tag, ResourceId: to.name, ResourceType: 'auto-scaling-group' }));
}

/** AWS writes down each source in up to two of these lists. */
export function trafficOf(group: AutoScalingGroup): TrafficSourceIdentifier[] {
  const sources = [
    ...(group.TrafficSources ?? []),
    ...(group.TargetGroupARNs ?? []).map((Identifier) => ({ Identifier, Type: 'elbv2' })),
    ...(group.LoadBalancerNames ?? []).map((Identifier) => ({ Identifier, Type: 'elb' })),
  ];
  return [...new Map(sources.map((source) => [source.Identifier, source])).values()];
}

/** The same for the copy, with the places of target groups taken. */
export const trafficFor = (group: AutoScalingGroup, renaming: Renaming): TrafficSourceIdentifier[] =>
  trafficOf(group).map((source) => ({
    ...source,
    Identifier: inPlace([source.Identifier!], renaming)[0],
  }));

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Subnets say the zones too, and AWS refuses both when their orders differ. */
const placeOf = ({ VPCZoneIdentifier, AvailabilityZones }: AutoScalingGroup) =>
  VPCZoneIdentifier ? { VPCZoneIdentifier } : { AvailabilityZones };

/** Settings that were set once and are switched off: described by a number that a new group is not given. */
export function clearedOf(group: AutoScalingGroup) {
  const { DefaultInstanceWarmup, InstanceMaintenancePolicy, MaxInstanceLifetime } = group;
  const bound = InstanceMaintenancePolicy?.MinHealthyPercentage ?? -1;
  return {
    ...((DefaultInstanceWarmup ?? -1) >= 0 && { DefaultInstanceWarmup }),
    ...(bound >= 0 && { InstanceMaintenancePolicy }),
    ...((MaxInstanceLifetime ?? 0) > 0 && { MaxInstanceLifetime }),
  };
}

/** The account's own role is the default, and naming it takes a permission to hand it over. */
const roleOf = ({ ServiceLinkedRoleARN }: AutoScalingGroup) =>
  !ServiceLinkedRoleARN || ServiceLinkedRoleARN.endsWith('/AWSServiceRoleForAutoScaling')
    ? {}
    : { ServiceLinkedRoleARN };
