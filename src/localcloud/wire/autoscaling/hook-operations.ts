import { requireGroup } from '../../engine/autoscaling/groups.ts';
import { globalTimeout, hooksOf, LAUNCHING, putHook, TERMINATING } from '../../engine/autoscaling/hooks.ts';
import {
  completeAction,
  deleteHook,
  type HookResult,
  recordHeartbeat,
} from '../../engine/autoscaling/lifecycle-actions.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { readHook, readResult } from './hook-request.ts';

export const PutLifecycleHook: Operation = (input, { engine }) => {
  putHook(engine, input.require('AutoScalingGroupName'), readHook(input));
};

export const DescribeLifecycleHooks: Operation = (input, { engine }) => {
  const group = requireGroup(engine, input.require('AutoScalingGroupName')).name;
  const names = input.list('LifecycleHookNames');
  const found = hooksOf(engine, group).filter(({ name }) => names.length === 0 || names.includes(name));
  return {
    LifecycleHooks: found.map((hook) => ({
      LifecycleHookName: hook.name,
      AutoScalingGroupName: hook.group,
      LifecycleTransition: hook.transition,
      NotificationTargetARN: hook.targetArn,
      RoleARN: hook.roleArn,
      NotificationMetadata: hook.metadata,
      HeartbeatTimeout: hook.heartbeatTimeout,
      GlobalTimeout: globalTimeout(hook),
      DefaultResult: hook.defaultResult,
    })),
  };
};

export const DescribeLifecycleHookTypes: Operation = () => ({
  LifecycleHookTypes: [LAUNCHING, TERMINATING],
});

export const DeleteLifecycleHook: Operation = (input, { engine }) =>
  deleteHook(engine, input.require('AutoScalingGroupName'), input.require('LifecycleHookName'));

export const CompleteLifecycleAction: Operation = (input, { engine }) => {
  const result = readResult(input.require('LifecycleActionResult')) as HookResult;
  completeAction(engine, readAction(input), result);
};

export const RecordLifecycleActionHeartbeat: Operation = (input, { engine }) =>
  recordHeartbeat(engine, readAction(input));

/** The group may be named by its ARN here. */
const readAction = (input: Input) => ({
  group: input.require('AutoScalingGroupName').replace(/^arn:.*:autoScalingGroupName\//, ''),
  hook: input.require('LifecycleHookName'),
  token: input.text('LifecycleActionToken'),
  instanceId: input.text('InstanceId'),
});
