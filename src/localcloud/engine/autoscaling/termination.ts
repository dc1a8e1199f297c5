import { instances, terminateInstances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { type ActivityRecord, causeOf, endActivity, sentence, startActivity } from './activities.ts';
import type { GroupRecord } from './groups.ts';
import { openActions, TERMINATING } from './hooks.ts';
import { type MemberRecord, members } from './members.ts';

export interface Ending {
  /** What happened, without time and full stop: "an instance was taken out of service in response to …". */
  cause: string;
  /** A sentence that goes before it: why the capacity changed. */
  reason?: string;
  /** Forced deletion of the group asks no hook. */
  skipHooks?: boolean;
  /** The instance refresh that replaces it. */
  refresh?: string;
}

/** Takes a member out of service: its terminate hooks first, then EC2's own orderly shutdown. */
export function beginTermination(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  { cause, reason = '', skipHooks = false, refresh }: Ending,
): ActivityRecord {
  const now = engine.clock.now();
  const id = member.instanceId;
  // A launch under way ends here; one that has ended keeps its end.
  endActivity(engine, member.activityId, 'Cancelled');
  const running = instances(engine).get(id)?.state === 'running';
  const actions = skipHooks || !running ? [] : openActions(engine, group.name, TERMINATING);
  const activity = startActivity(engine, group, {
    description: `Terminating EC2 instance: ${id}`,
    cause: causeOf(reason, sentence(now, cause)),
    status: actions.length > 0 ? 'MidLifecycleAction' : 'InProgress',
    progress: actions.length > 0 ? 60 : 50,
    details: { 'Availability Zone': member.zone },
  });
  members(engine).patch(id, {
    state: actions.length > 0 ? 'Terminating:Wait' : 'Terminating',
    since: now,
    actions,
    activityId: activity.id,
    replacedBy: refresh,
  });
  if (actions.length === 0) endInstance(engine, id);
  return activity;
}

/** A terminating member one step further; gone when its instance is. */
export function advanceTermination(engine: Engine, member: MemberRecord, now: number): void {
  const id = member.instanceId;
  const state = instances(engine).get(id)?.state;
  if (state === undefined || state === 'terminated') {
    endActivity(engine, member.activityId, 'Successful');
    members(engine).delete(id);
  } else if (member.state === 'Terminating:Wait' && member.actions.length === 0) {
    members(engine).patch(id, { state: 'Terminating:Proceed', since: now });
    endInstance(engine, id);
  }
}

function endInstance(engine: Engine, id: string): void {
  const state = instances(engine).get(id)?.state;
  if (state !== undefined && state !== 'terminated' && state !== 'shutting-down')
    terminateInstances(engine, [id]);
}
