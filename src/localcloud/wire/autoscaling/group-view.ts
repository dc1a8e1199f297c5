import { type GroupRecord, type GroupTag, stamp, zonesOf } from '../../engine/autoscaling/groups.ts';
import { membersOf, poolOf } from '../../engine/autoscaling/members.ts';
import type { Engine } from '../../engine/engine.ts';
import { zoneId } from '../ec2/zones.ts';
import { viewMember } from './member-view.ts';
import { viewMixed } from './mixed-wire.ts';
import { viewTemplate } from './template-wire.ts';
import { viewWarmPool } from './warm-pool-operations.ts';

/** AWS: AutoScalingGroup. */
export function viewGroup(engine: Engine, group: GroupRecord, includeInstances: boolean) {
  const { account } = engine;
  const attached = group.trafficSources.filter(({ removing }) => !removing);
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: group.mixed ? undefined : viewTemplate(group.template),
    MixedInstancesPolicy: viewMixed(group),
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.defaultCooldown,
    AvailabilityZones: zonesOf(group),
    AvailabilityZoneIds: zonesOf(group).map((zone) => zoneId(engine, zone)),
    LoadBalancerNames: [],
    TargetGroupARNs: attached.map(({ identifier }) => identifier),
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.grace,
    Instances: includeInstances ? membersOf(engine, group.name).map(viewMember) : [],
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: group.suspended.map(({ process, at }) => ({
      ProcessName: process,
      SuspensionReason: `User suspended at ${stamp(at)}`,
    })),
    VPCZoneIdentifier: group.places.flatMap(({ subnetId }) => subnetId ?? []).join(','),
    EnabledMetrics: group.metrics.map((metric) => ({ Metric: metric, Granularity: '1Minute' })),
    Status: group.deleting ? 'Delete in progress' : undefined,
    Tags: group.tags.map((tag) => viewTag(group.name, tag)),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
    ServiceLinkedRoleARN: `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    DefaultInstanceWarmup: group.defaultInstanceWarmup,
    TrafficSources: attached.map(({ identifier, type }) => ({ Identifier: identifier, Type: type })),
    WarmPoolConfiguration: viewWarmPool(group.warmPool),
    WarmPoolSize: group.warmPool && poolOf(engine, group.name).length,
    InstanceMaintenancePolicy: group.maintenancePolicy && {
      MinHealthyPercentage: group.maintenancePolicy.min,
      MaxHealthyPercentage: group.maintenancePolicy.max,
    },
    DeletionProtection: group.deletionProtection,
    CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
    ...group.passive,
  };
}

/** AWS: TagDescription. */
export const viewTag = (group: string, { key, value, propagate }: GroupTag) => ({
  ResourceId: group,
  ResourceType: 'auto-scaling-group',
  Key: key,
  Value: value,
  PropagateAtLaunch: propagate,
});
