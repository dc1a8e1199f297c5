import type { Engine } from '../engine.ts';
import { endActivity } from './activities.ts';
import { type GroupRecord, invalid, requireGroup } from './groups.ts';
import { forgetHook, requireHook } from './hooks.ts';
import {
  isLaunching,
  isWarm,
  type LifecycleAction,
  type MemberRecord,
  members,
  membersOf,
  poolOf,
} from './members.ts';
import { beginTermination } from './termination.ts';

export type HookResult = 'CONTINUE' | 'ABANDON';

/** Which waiting member a caller means: by the token of its action, or by its id. */
export interface ActionReference {
  group: string;
  hook: string;
  token?: string;
  instanceId?: string;
}

/** CompleteLifecycleAction. */
export function completeAction(engine: Engine, reference: ActionReference, result: HookResult): void {
  const { member, action } = requireAction(engine, reference);
  settleAction(engine, member, action, result, 'was completed with ABANDON Result');
}

/** RecordLifecycleActionHeartbeat: starts the hook's time-out anew. */
export function recordHeartbeat(engine: Engine, reference: ActionReference): void {
  const { member, action } = requireAction(engine, reference);
  const deadline = engine.clock.now() + action.heartbeat;
  members(engine).patch(member.instanceId, {
    actions: member.actions.map((each) => (each.token === action.token ? { ...each, deadline } : each)),
  });
}

/** Takes the default result of every action whose time is over; returns when the next one is due. */
export function expireActions(engine: Engine, member: MemberRecord, now: number): number | undefined {
  const due = (action: LifecycleAction) => Math.min(action.deadline, action.globalDeadline);
  const expired = member.actions.find((action) => due(action) <= now);
  if (expired)
    settleAction(engine, member, expired, expired.defaultResult, 'was abandoned: Heartbeat Timeout');
  return member.actions.length > 0 ? Math.min(...member.actions.map(due)) : undefined;
}

/** DeleteLifecycleHook: launching members that wait for it are abandoned, terminating ones go on, as AWS has it. */
export function deleteHook(engine: Engine, group: string, name: string): void {
  requireHook(engine, group, name);
  for (const member of [...membersOf(engine, group), ...poolOf(engine, group)]) {
    const action = member.actions.find(({ hook }) => hook === name);
    if (!action) continue;
    settleAction(engine, member, action, isLaunching(member) ? 'ABANDON' : 'CONTINUE', 'was abandoned');
  }
  forgetHook(engine, group, name);
}

/** ABANDON ends a launching member; a terminating one ends either way, and ABANDON only spares it the other hooks. */
function settleAction(
  engine: Engine,
  member: MemberRecord,
  action: LifecycleAction,
  result: HookResult,
  how: string,
): void {
  const group = requireGroup(engine, member.group);
  if (result === 'ABANDON' && isLaunching(member)) {
    const message = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${action.token} ${how}`;
    endActivity(engine, member.activityId, 'Failed', message);
    beginTermination(engine, group, member, {
      cause: 'an instance was taken out of service in response to a failed lifecycle action',
    });
    return;
  }
  if (result === 'ABANDON' && retainsAbandoned(group)) {
    const state = isWarm(member) ? 'Warmed:Terminating:Retained' : 'Terminating:Retained';
    members(engine).patch(member.instanceId, { state, since: engine.clock.now(), actions: [] });
    return;
  }
  const actions = result === 'ABANDON' ? [] : member.actions.filter(({ token }) => token !== action.token);
  members(engine).patch(member.instanceId, { actions });
}

/** AWS: InstanceLifecyclePolicy. An abandoned terminate hook then leaves the instance running until somebody ends it. */
function retainsAbandoned({ passive }: GroupRecord): boolean {
  const policy = passive.InstanceLifecyclePolicy as
    | { RetentionTriggers?: { TerminateHookAbandon?: unknown } }
    | undefined;
  return policy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
}

function requireAction(
  engine: Engine,
  { group, hook, token, instanceId }: ActionReference,
): { member: MemberRecord; action: LifecycleAction } {
  requireGroup(engine, group);
  if (token === undefined && instanceId === undefined) {
    throw invalid('Either a lifecycle action token or an instance ID must be specified.');
  }
  for (const member of [...membersOf(engine, group), ...poolOf(engine, group)]) {
    if (instanceId !== undefined && member.instanceId !== instanceId) continue;
    const action = member.actions.find(
      (each) => each.hook === hook && (token === undefined || each.token === token),
    );
    if (action) return { member, action };
  }
  throw invalid(
    `No active Lifecycle Action found with ${token === undefined ? `instance ID ${instanceId}` : `token ${token}`}`,
  );
}
