import type { Engine } from '../../../engine/engine.ts';
import { completeAction, createHook, deleteHook, heartbeat, modifyHook } from '../../../engine/ess/hooks.ts';
import { waitingIn } from '../../../engine/ess/manual.ts';
import { type EssHook, essHooks, findEssGroup } from '../../../engine/ess/records.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { oneOf } from './input.ts';

const TRANSITIONS = ['SCALE_OUT', 'SCALE_IN'] as const;
const RESULTS = ['CONTINUE', 'ABANDON'] as const;

/** ROLLBACK as a hook's default is for removals; it is kept as ABANDON, which frees the instance as well. */
function hookOf(input: Input, groupId: string): Omit<EssHook, 'hookId' | 'createdAt'> {
  input.require('LifecycleTransition');
  return {
    groupId,
    name: input.text('LifecycleHookName') ?? '',
    transition: oneOf(input, 'LifecycleTransition', TRANSITIONS)!,
    heartbeat: input.int('HeartbeatTimeout') ?? 600,
    defaultResult: oneOf(input, 'DefaultResult', RESULTS) ?? 'CONTINUE',
    context: input.text('NotificationMetadata') ?? '',
    notificationArn: input.text('NotificationArn') ?? '',
  };
}

/** `LifecycleHooks.N` of a group that is created. */
export function createHooks(engine: Engine, groupId: string, input: Input): void {
  for (const hook of input.objects('LifecycleHooks')) createHook(engine, hookOf(hook, groupId));
}

const CreateLifecycleHook: Operation = (input, { engine }) => {
  const { groupId } = findEssGroup(engine, input.require('ScalingGroupId'));
  return { LifecycleHookId: createHook(engine, hookOf(input, groupId)).hookId };
};

const ModifyLifecycleHook: Operation = (input, { engine }) => {
  const changes: Partial<EssHook> = {
    transition: oneOf(input, 'LifecycleTransition', TRANSITIONS),
    heartbeat: input.int('HeartbeatTimeout'),
    defaultResult: oneOf(input, 'DefaultResult', RESULTS),
    context: input.text('NotificationMetadata'),
    notificationArn: input.text('NotificationArn'),
  };
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  modifyHook(engine, hookIdOf(engine, input), given);
  return {};
};

const DeleteLifecycleHook: Operation = (input, { engine }) => {
  deleteHook(engine, hookIdOf(engine, input));
  return {};
};

/** By its id, or by its name in its group. */
function hookIdOf(engine: Engine, input: Input): string {
  const name = input.text('LifecycleHookName');
  const groupId = input.text('ScalingGroupId');
  const named = essHooks(engine).filter((hook) => hook.groupId === groupId && hook.name === name)[0];
  return input.text('LifecycleHookId') ?? named?.hookId ?? input.require('LifecycleHookId');
}

const DescribeLifecycleHooks: Operation = (input, { engine }) => {
  const groupId = input.text('ScalingGroupId');
  const ids = input.list('LifecycleHookIds');
  const name = input.text('LifecycleHookName');
  const found = essHooks(engine).filter(
    (hook) =>
      (groupId === undefined || hook.groupId === groupId) &&
      (ids.length === 0 || ids.includes(hook.hookId)) &&
      (name === undefined || hook.name === name),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    LifecycleHooks: items.map((hook) => ({
      LifecycleHookId: hook.hookId,
      LifecycleHookName: hook.name,
      ScalingGroupId: hook.groupId,
      LifecycleTransition: hook.transition,
      HeartbeatTimeout: hook.heartbeat,
      DefaultResult: hook.defaultResult,
      NotificationMetadata: hook.context,
      NotificationArn: hook.notificationArn,
      LifecycleHookStatus: 'Active',
    })),
  };
};

const CompleteLifecycleAction: Operation = (input, { engine }) => {
  const result = oneOf(input, 'LifecycleActionResult', [...RESULTS, 'ROLLBACK']) ?? 'CONTINUE';
  const hookId = input.require('LifecycleHookId');
  completeAction(engine, { hookId, token: input.require('LifecycleActionToken') }, result);
  return {};
};

/** Its parameters begin in lower case. Source: ESS 2022-02-22, RecordLifecycleActionHeartbeat. */
const RecordLifecycleActionHeartbeat: Operation = (input, { engine }) => {
  const token = input.require('lifecycleActionToken');
  heartbeat(engine, input.require('lifecycleHookId'), token, input.int('heartbeatTimeout'));
  return {};
};

/** What completes the waits of one activity: how clients without a queue learn the tokens. */
const DescribeLifecycleActions: Operation = (input, { engine }) => {
  const found = waitingIn(engine, input.require('ScalingActivityId')).flatMap(({ instanceId, waits }) =>
    waits.map((wait) => ({
      InstanceIds: [instanceId],
      LifecycleHookId: wait.hookId,
      LifecycleActionToken: wait.token,
      LifecycleActionStatus: 'Pending',
      LifecycleActionResult: wait.defaultResult,
    })),
  );
  const { items, view } = pageOf(input, found, 50);
  return {
    TotalCount: view.TotalCount,
    MaxResults: view.PageSize,
    NextToken: view.NextToken || undefined,
    LifecycleActions: items,
  };
};

export const hookOperations: Record<string, Operation> = {
  CreateLifecycleHook,
  ModifyLifecycleHook,
  DeleteLifecycleHook,
  DescribeLifecycleHooks,
  CompleteLifecycleAction,
  RecordLifecycleActionHeartbeat,
  DescribeLifecycleActions,
};
