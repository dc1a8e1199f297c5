import type { Service } from '../service.ts';
import { DescribeScalingActivities } from './activity-operations.ts';
import {
  CreateAutoScalingGroup,
  DeleteAutoScalingGroup,
  DescribeAutoScalingGroups,
  SetDesiredCapacity,
  UpdateAutoScalingGroup,
} from './group-operations.ts';
import {
  CompleteLifecycleAction,
  DeleteLifecycleHook,
  DescribeLifecycleHooks,
  DescribeLifecycleHookTypes,
  PutLifecycleHook,
  RecordLifecycleActionHeartbeat,
} from './hook-operations.ts';
import {
  AttachInstances,
  DescribeAutoScalingInstances,
  DetachInstances,
  EnterStandby,
  ExitStandby,
  SetInstanceHealth,
  SetInstanceProtection,
  TerminateInstanceInAutoScalingGroup,
} from './member-operations.ts';
import {
  DeleteNotificationConfiguration,
  DescribeAutoScalingNotificationTypes,
  DescribeNotificationConfigurations,
  PutNotificationConfiguration,
} from './notification-operations.ts';
import {
  DeletePolicy,
  DescribeAdjustmentTypes,
  DescribePolicies,
  ExecutePolicy,
  PutScalingPolicy,
} from './policy-operations.ts';
import {
  CancelInstanceRefresh,
  DescribeInstanceRefreshes,
  RollbackInstanceRefresh,
  StartInstanceRefresh,
} from './refresh-operations.ts';
import {
  BatchDeleteScheduledAction,
  BatchPutScheduledUpdateGroupAction,
  DeleteScheduledAction,
  DescribeScheduledActions,
  PutScheduledUpdateGroupAction,
} from './schedule-operations.ts';
import {
  DescribeAccountLimits,
  DescribeMetricCollectionTypes,
  DescribeScalingProcessTypes,
  DescribeTerminationPolicyTypes,
  DisableMetricsCollection,
  EnableMetricsCollection,
  ResumeProcesses,
  SuspendProcesses,
} from './settings-operations.ts';
import { CreateOrUpdateTags, DeleteTags, DescribeTags } from './tag-operations.ts';
import {
  AttachLoadBalancerTargetGroups,
  AttachTrafficSources,
  DescribeLoadBalancers,
  DescribeLoadBalancerTargetGroups,
  DescribeTrafficSources,
  DetachLoadBalancerTargetGroups,
  DetachTrafficSources,
} from './traffic-operations.ts';
import { DeleteWarmPool, DescribeWarmPool, PutWarmPool } from './warm-pool-operations.ts';

/** Auto Scaling, API version 2011-01-01. */
export const autoScalingService = (): Service => ({
  signingName: 'autoscaling',
  form: {
    dialect: 'query',
    xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: {
      AttachInstances,
      AttachLoadBalancerTargetGroups,
      AttachTrafficSources,
      BatchDeleteScheduledAction,
      BatchPutScheduledUpdateGroupAction,
      CancelInstanceRefresh,
      CompleteLifecycleAction,
      CreateAutoScalingGroup,
      CreateOrUpdateTags,
      DeleteAutoScalingGroup,
      DeleteLifecycleHook,
      DeleteNotificationConfiguration,
      DeletePolicy,
      DeleteScheduledAction,
      DeleteTags,
      DeleteWarmPool,
      DescribeAccountLimits,
      DescribeAdjustmentTypes,
      DescribeAutoScalingGroups,
      DescribeAutoScalingInstances,
      DescribeAutoScalingNotificationTypes,
      DescribeInstanceRefreshes,
      DescribeLifecycleHookTypes,
      DescribeLifecycleHooks,
      DescribeLoadBalancerTargetGroups,
      DescribeLoadBalancers,
      DescribeMetricCollectionTypes,
      DescribeNotificationConfigurations,
      DescribePolicies,
      DescribeScalingActivities,
      DescribeScalingProcessTypes,
      DescribeScheduledActions,
      DescribeTags,
      DescribeTerminationPolicyTypes,
      DescribeTrafficSources,
      DescribeWarmPool,
      DetachInstances,
      DetachLoadBalancerTargetGroups,
      DetachTrafficSources,
      DisableMetricsCollection,
      EnableMetricsCollection,
      EnterStandby,
      ExecutePolicy,
      ExitStandby,
      PutLifecycleHook,
      PutNotificationConfiguration,
      PutScalingPolicy,
      PutScheduledUpdateGroupAction,
      PutWarmPool,
      RecordLifecycleActionHeartbeat,
      ResumeProcesses,
      RollbackInstanceRefresh,
      SetDesiredCapacity,
      SetInstanceHealth,
      SetInstanceProtection,
      StartInstanceRefresh,
      SuspendProcesses,
      TerminateInstanceInAutoScalingGroup,
      UpdateAutoScalingGroup,
    },
  },
});
