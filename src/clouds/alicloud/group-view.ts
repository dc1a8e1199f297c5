import type { GroupInstance, LaunchTemplate, ScalingActivity, ScalingGroup, Tags } from '../cloud.ts';

export interface WireGroup {
  ScalingGroupId: string;
  ScalingGroupName: string;
  LifecycleState?: string;
  MinSize?: number;
  MaxSize?: number;
  DesiredCapacity?: number;
  TotalCapacity?: number;
  LaunchTemplateId?: string;
  LaunchTemplateVersion?: string;
  HealthCheckType?: string;
  VSwitchIds?: string[];
  SuspendedProcesses?: string[];
  GroupDeletionProtection?: boolean;
  VServerGroups?: {
    LoadBalancerId?: string;
    VServerGroupAttributes?: { VServerGroupId?: string; Port?: number; Weight?: number }[];
  }[];
  Tags?: { TagKey?: string; TagValue?: string; Key?: string; Value?: string; Propagate?: boolean }[];
}

export interface WireMember {
  InstanceId: string;
  LifecycleState?: string;
  HealthStatus?: string;
  LaunchTemplateVersion?: string;
  CreationType?: string;
  ZoneId?: string;
}

export interface WireActivity {
  ScalingActivityId: string;
  StatusCode?: string;
  StartTime?: string;
  EndTime?: string;
  Description?: string;
  Cause?: string;
  CreatedInstances?: string[];
  DestroyedInstances?: string[];
  ErrorCode?: string;
  ErrorMessage?: string;
}

/** What a group of ESS has no field for is kept in tags of its own: it means something to bake alone. */
export const KEPT = { warmup: 'bake:warmup', grace: 'bake:grace', protect: 'bake:protect' } as const;
/** Virtual server groups that the group shares with the other colour, each with its own servers' weight: "rsp-1:8080 rsp-2:80". */
export const SHARED = 'bake:shared';

/** What bake calls a process, by the name that AWS has for it, and ESS. What is not here, ESS has not. */
export const PROCESSES: Record<string, string> = {
  AlarmNotification: 'AlarmNotification',
  ScheduledActions: 'ScheduledAction',
  Launch: 'ScaleOut',
  Terminate: 'ScaleIn',
  HealthCheck: 'HealthCheck',
};

const OURS = Object.fromEntries(Object.entries(PROCESSES).map(([ours, theirs]) => [theirs, ours]));

export const groupTags = ({ Tags: tags = [] }: WireGroup): Tags =>
  Object.fromEntries(tags.map((tag) => [tag.TagKey ?? tag.Key ?? '', tag.TagValue ?? tag.Value ?? '']));

/** A group in bake's words. `paused`: an instance refresh of it is paused. */
export function toGroup(
  group: WireGroup,
  parts: { members: WireMember[]; template: LaunchTemplate | undefined; paused: boolean },
): ScalingGroup {
  const all = groupTags(group);
  const {
    [KEPT.warmup]: warmup,
    [KEPT.grace]: grace,
    [KEPT.protect]: protect,
    [SHARED]: shared,
    ...tags
  } = all;
  const version = group.LaunchTemplateVersion ?? '';
  return {
    name: group.ScalingGroupName,
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? group.TotalCapacity ?? 0,
    template: {
      id: group.LaunchTemplateId ?? '',
      name: parts.template?.name ?? '',
      version: /^\d+$/.test(version) ? Number(version) : version === 'Latest' ? '$Latest' : '$Default',
    },
    healthCheckType: group.HealthCheckType === 'LOAD_BALANCER' ? 'ELB' : 'EC2',
    healthCheckGrace: Number(grace ?? 0),
    defaultWarmup: warmup === undefined ? undefined : Number(warmup),
    subnets: group.VSwitchIds ?? [],
    zones: [],
    suspendedProcesses: [
      ...(group.SuspendedProcesses ?? []).map((name) => OURS[name] ?? name),
      ...(parts.paused ? ['InstanceRefresh'] : []),
    ],
    metricsEnabled: true,
    protectFromScaleIn: protect === 'yes',
    targetGroups: (group.VServerGroups ?? []).flatMap(({ VServerGroupAttributes = [] }) =>
      VServerGroupAttributes.map(({ VServerGroupId = '', Port = 80 }) => {
        const port = `${VServerGroupId}:${Port}`;
        return shared?.split(' ').includes(port) ? `${port}@${group.ScalingGroupName}` : port;
      }),
    ),
    status: group.LifecycleState === 'Deleting' ? 'Deleting' : undefined,
    tags,
    instances: parts.members.map(toMember),
  };
}

const LIFECYCLE: Record<string, string> = {
  Protected: 'InService',
  Stopped: 'Standby',
  Removing: 'Terminating',
  'Removing:Wait': 'Terminating:Wait',
};

function toMember(member: WireMember): GroupInstance {
  const state = member.LifecycleState ?? '';
  const version = Number(member.LaunchTemplateVersion);
  return {
    id: member.InstanceId,
    lifecycle: LIFECYCLE[state] ?? state,
    healthy: member.HealthStatus !== 'Unhealthy',
    zone: member.ZoneId ?? '',
    templateVersion:
      member.CreationType === 'Attached' || !Number.isInteger(version) || version === 0 ? undefined : version,
    protectedFromScaleIn: state === 'Protected',
  };
}

const ACTIVITIES: Record<string, ScalingActivity['state']> = {
  Successful: 'successful',
  Warning: 'successful',
  Failed: 'failed',
  Rejected: 'cancelled',
};

/** A scaling activity in bake's words. */
export const toActivity = (activity: WireActivity): ScalingActivity => ({
  id: activity.ScalingActivityId,
  startedAt: Date.parse(activity.StartTime ?? '') || 0,
  endedAt: activity.EndTime ? Date.parse(activity.EndTime) : undefined,
  state: ACTIVITIES[activity.StatusCode ?? ''] ?? 'in-progress',
  description: described(activity),
  cause: activity.Cause ?? '',
  message: activity.ErrorCode ? `${activity.ErrorCode}: ${activity.ErrorMessage ?? ''}` : undefined,
});

/** ESS: "Add "1" ECS instance", "Remove "1" ECS instance"; which, is told apart. */
function described({
  Description = '',
  CreatedInstances = [],
  DestroyedInstances = [],
}: WireActivity): string {
  if (/^Add /.test(Description)) return ['Launching a new ECS instance', ...CreatedInstances].join(': ');
  const [gone] = DestroyedInstances;
  return /^Remove /.test(Description) && gone ? `Terminating ECS instance: ${gone}` : Description;
}
