import { instances, terminateInstances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import {
  type ActivityRecord,
  causeOf,
  endActivity,
  markActivity,
  sentence,
  startActivity,
} from './activities.ts';
import type { GroupRecord } from './groups.ts';
import { openActions, TERMINATING } from './hooks.ts';
import { isRetained, isWarm, type MemberRecord, members } from './members.ts';
import { deregisterMember, isDraining } from './traffic/registration.ts';
import { returnToPool } from './warm-pool/return.ts';

export interface Ending {
  /** What happened, without time and full stop: "an instance was taken out of service in response to …". */
  cause: string;
  /** A sentence that goes before it: why the capacity changed. */
  reason?: string;
  /** Forced deletion of the group asks no hook and waits for no load balancer. */
  skipHooks?: boolean;
  /** The instance refresh that replaces it. */
  refresh?: string;
  /** Back into the warm pool instead of to its end. */
  returns?: boolean;
}

/** Takes a member out of service: its load balancers let go of it, its terminate hooks are asked, then EC2 shuts it down. */
export function beginTermination(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  { cause, reason = '', skipHooks = false, refresh, returns = false }: Ending,
): ActivityRecord {
  const now = engine.clock.now();
  const id = member.instanceId;
  // A launch under way ends here; one that has ended keeps its end.
  endActivity(engine, member.activityId, 'Cancelled');
  deregisterMember(engine, member);
  const activity = startActivity(engine, group, {
    description: `Terminating EC2 instance: ${id}`,
    cause: causeOf(reason, sentence(now, cause)),
    progress: 50,
    details: { 'Availability Zone': member.zone },
  });
  const draining = !skipHooks && isRunning(engine, id) && isDraining(engine, member);
  const leaving = members(engine).patch(id, {
    state: isWarm(member) ? 'Warmed:Terminating' : 'Terminating',
    since: now,
    actions: [],
    activityId: activity.id,
    replacedBy: refresh,
    returns: returns || undefined,
    draining: draining || undefined,
  });
  if (draining) markActivity(engine, activity.id, 'WaitingForELBConnectionDraining', 50);
  else askHooks(engine, group, leaving, skipHooks);
  return activity;
}

function askHooks(engine: Engine, group: GroupRecord, member: MemberRecord, skip: boolean): void {
  const { instanceId: id } = member;
  const actions = skip || !isRunning(engine, id) ? [] : openActions(engine, group, member, TERMINATING);
  if (actions.length === 0) {
    endInstance(engine, member);
    return;
  }
  markActivity(engine, member.activityId, 'MidLifecycleAction', 60);
  const state = isWarm(member) ? 'Warmed:Terminating:Wait' : 'Terminating:Wait';
  members(engine).patch(id, { state, since: engine.clock.now(), actions });
}

/** A terminating member one step further; gone when its instance is. */
export function advanceTermination(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): void {
  const id = member.instanceId;
  const state = instances(engine).get(id)?.state;
  if (state === undefined || state === 'terminated') {
    endActivity(engine, member.activityId, 'Successful');
    members(engine).delete(id);
  } else if (member.draining) {
    if (isRunning(engine, id) && isDraining(engine, member)) return;
    askHooks(engine, group, members(engine).patch(id, { draining: undefined }), false);
  } else if (member.state.endsWith('Terminating:Wait') && member.actions.length === 0) {
    const proceed = isWarm(member) ? 'Warmed:Terminating:Proceed' : 'Terminating:Proceed';
    endInstance(engine, members(engine).patch(id, { state: proceed, since: now }));
  }
}

/** Ends a member that is on its way out without waiting for anybody any more. */
export function hurryTermination(engine: Engine, member: MemberRecord): void {
  if (member.actions.length === 0 && !member.draining && !member.returns && !isRetained(member)) return;
  const state = isWarm(member) ? 'Warmed:Terminating' : 'Terminating';
  const fields = { state, actions: [], draining: undefined, returns: undefined } as const;
  endInstance(engine, members(engine).patch(member.instanceId, { ...fields, actions: [] }));
}

function endInstance(engine: Engine, member: MemberRecord): void {
  const state = instances(engine).get(member.instanceId)?.state;
  if (member.returns && (state === 'running' || state === 'stopped')) returnToPool(engine, member);
  else if (state !== undefined && state !== 'terminated' && state !== 'shutting-down')
    terminateInstances(engine, [member.instanceId]);
}

const isRunning = (engine: Engine, id: string) => instances(engine).get(id)?.state === 'running';
