import type { MemberRecord } from '../../engine/autoscaling/members.ts';
import { viewTemplate } from './template-wire.ts';

/** AWS: Instance, as a group lists it. */
export const viewMember = (member: MemberRecord) => ({
  InstanceId: member.instanceId,
  InstanceType: member.instanceType,
  AvailabilityZone: member.zone,
  LifecycleState: member.state,
  HealthStatus: member.healthy ? 'Healthy' : 'Unhealthy',
  LaunchTemplate: member.template && viewTemplate(member.template),
  ImageId: member.imageId,
  ProtectedFromScaleIn: member.protected,
  WeightedCapacity: member.weight === undefined ? undefined : String(member.weight),
});

/** AWS: AutoScalingInstanceDetails, which writes the health in capitals. */
export const viewMemberDetails = (member: MemberRecord) => ({
  ...viewMember(member),
  AutoScalingGroupName: member.group,
  HealthStatus: member.healthy ? 'HEALTHY' : 'UNHEALTHY',
});
