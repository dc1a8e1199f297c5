import type { Activity, AutoScalingGroup, Instance } from '@aws-sdk/client-auto-scaling';
import type { GroupInstance, ScalingActivity, ScalingGroup } from '../cloud.ts';
import { tagRecord } from './describe.ts';
import { templateOf } from './group-template.ts';

/** A group in bake's words. */
export function toGroup(group: AutoScalingGroup): ScalingGroup {
  const warmup = group.DefaultInstanceWarmup;
  return {
    name: group.AutoScalingGroupName!,
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    template: templateOf(group),
    healthCheckType: group.HealthCheckType ?? 'EC2',
    healthCheckGrace: (group.HealthCheckGracePeriod ?? 0) * 1_000,
    // -1: was set once and is switched off.
    defaultWarmup: warmup === undefined || warmup < 0 ? undefined : warmup * 1_000,
    subnets: (group.VPCZoneIdentifier ?? '').split(',').filter(Boolean),
    zones: group.AvailabilityZones ?? [],
    suspendedProcesses: (group.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName!),
    metricsEnabled: (group.EnabledMetrics ?? []).length > 0,
    protectFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
    targetGroups: group.TargetGroupARNs ?? [],
    status: group.Status || undefined,
    tags: tagRecord(group.Tags),
    instances: (group.Instances ?? []).map(toGroupInstance),
  };
}

function toGroupInstance(instance: Instance): GroupInstance {
  const version = Number(instance.LaunchTemplate?.Version);
  return {
    id: instance.InstanceId!,
    lifecycle: instance.LifecycleState ?? '',
    healthy: /^healthy$/i.test(instance.HealthStatus ?? ''),
    zone: instance.AvailabilityZone ?? '',
    templateVersion: Number.isInteger(version) ? version : undefined,
    protectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
  };
}

/** A scaling activity in bake's words. */
export function toActivity(activity: Activity): ScalingActivity {
  return {
    id: activity.ActivityId!,
    startedAt: activity.StartTime?.getTime() ?? 0,
    endedAt: activity.EndTime?.getTime(),
    state: activityState(activity.StatusCode),
    description: activity.Description ?? '',
    cause: activity.Cause ?? '',
    message: activity.StatusMessage || undefined,
  };
}

/** AWS: ScalingActivityStatusCode: every code but the three final ones means that it still goes on. */
function activityState(code: string | undefined): ScalingActivity['state'] {
  switch (code) {
    case 'Successful':
      return 'successful';
    case 'Failed':
      return 'failed';
    case 'Cancelled':
      return 'cancelled';
    default:
      return 'in-progress';
  }
}
