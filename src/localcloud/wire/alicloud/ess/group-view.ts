import type { Engine } from '../../../engine/engine.ts';
import { type EssGroup, type EssState, membersOf } from '../../../engine/ess/records.ts';
import { outward } from '../ids.ts';
import { toTheMinute } from './input.ts';

/** Source: ESS 2022-02-22, DescribeScalingGroups. */
export function groupView(engine: Engine, group: EssGroup): object {
  const states = membersOf(engine, group.groupId).map(({ state }) => state);
  const count = (state: EssState) => states.filter((one) => one === state).length;
  return {
    ScalingGroupId: group.groupId,
    ScalingGroupName: group.name,
    RegionId: engine.region,
    LifecycleState: group.state,
    GroupType: 'ECS',
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    EnableDesiredCapacity: true,
    TotalCapacity: states.length,
    ActiveCapacity: count('InService'),
    PendingCapacity: count('Pending'),
    PendingWaitCapacity: count('Pending:Wait'),
    RemovingCapacity: count('Removing'),
    RemovingWaitCapacity: count('Removing:Wait'),
    StandbyCapacity: count('Standby'),
    ProtectedCapacity: count('Protected'),
    StoppedCapacity: 0,
    LaunchTemplateId: group.templateId || undefined,
    LaunchTemplateVersion: group.templateId ? group.templateVersion : undefined,
    VSwitchId: outward(group.subnetIds[0] ?? ''),
    VSwitchIds: group.subnetIds.map(outward),
    MultiAZPolicy: group.multiAzPolicy,
    HealthCheckType: group.healthCheckType,
    HealthCheckTypes: [group.healthCheckType],
    ScalingPolicy: group.scalingPolicy,
    RemovalPolicies: group.removalPolicies,
    DefaultCooldown: group.cooldown,
    VServerGroups: linkViews(group),
    AlbServerGroups: [],
    ServerGroups: [],
    LoadBalancerIds: [],
    SuspendedProcesses: group.suspended,
    SystemSuspended: false,
    GroupDeletionProtection: group.deletionProtection,
    Tags: group.tags.map(({ key, value, propagate }) => ({
      TagKey: key,
      TagValue: value,
      Propagate: propagate,
    })),
    CreationTime: toTheMinute(group.createdAt),
    ModificationTime: toTheMinute(group.modifiedAt),
  };
}

/** By load balancer. */
const linkViews = ({ links }: EssGroup) =>
  [...new Set(links.map(({ loadBalancerId }) => loadBalancerId))].map((LoadBalancerId) => ({
    LoadBalancerId,
    VServerGroupAttributes: links
      .filter((link) => link.loadBalancerId === LoadBalancerId)
      .map(({ serverGroupId, port, weight }) => ({
        VServerGroupId: serverGroupId,
        Port: port,
        Weight: weight,
      })),
  }));
