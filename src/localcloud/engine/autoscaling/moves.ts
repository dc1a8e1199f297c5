import { instances } from '../ec2/instances.ts';
import { addTags } from '../ec2/tags.ts';
import type { Engine } from '../engine.ts';
import { type ActivityRecord, causeOf, doneActivity, sentence, startActivity } from './activities.ts';
import { type GroupRecord, groups, invalid, requireLiveGroup } from './groups.ts';
import { newMember } from './launch.ts';
import { type MemberRecord, members } from './members.ts';
import { checkDecrement, requireMembers } from './membership.ts';
import { deregisterMember } from './traffic/registration.ts';

/** A request takes at most 20 instances. Source: AWS "Quotas for Amazon EC2 Auto Scaling". */
const MOST_INSTANCES = 20;

/** EnterStandby: the instance goes on running but counts no more; without `decrement` it is replaced. */
export function enterStandby(
  engine: Engine,
  name: string,
  ids: string[],
  decrement: boolean,
): ActivityRecord[] {
  const { group, found } = leaving(engine, name, ids, ['InService'], decrement, 'place into standby');
  return found.map((member, index) => {
    deregisterMember(engine, member);
    members(engine).patch(member.instanceId, { state: 'Standby', since: engine.clock.now() });
    return userActivity(engine, group, member, {
      description: `Moving EC2 instance to Standby: ${member.instanceId}`,
      what: 'was moved to standby',
      change: decrement ? shrinking(group.desired - index) : '',
    });
  });
}

/** ExitStandby: raises the desired capacity again and puts the instance back into service, launch hooks included. */
export function exitStandby(engine: Engine, name: string, ids: string[]): ActivityRecord[] {
  const group = requireLiveGroup(engine, name);
  const found = requireMembers(engine, group, ids);
  for (const member of found) requireState(member, ['Standby']);
  checkIncrement(group, found.length, 'take out of standby');
  raiseDesired(engine, group, found.length);
  return found.map((member, index) => {
    const activity = startActivity(engine, group, {
      description: `Moving EC2 instance out of Standby: ${member.instanceId}`,
      cause: userCause(engine, member.instanceId, 'was moved out of standby', growing(group.desired + index)),
      status: 'PreInService',
      progress: 30,
    });
    rejoin(engine, member, activity.id);
    return activity;
  });
}

/** DetachInstances: they go on running, outside the group. */
export function detachInstances(
  engine: Engine,
  name: string,
  ids: string[],
  decrement: boolean,
): ActivityRecord[] {
  const { group, found } = leaving(engine, name, ids, ['InService', 'Standby'], decrement, 'detach');
  return found.map((member, index) => {
    deregisterMember(engine, member);
    members(engine).delete(member.instanceId);
    return userActivity(engine, group, member, {
      description: `Detaching EC2 instance: ${member.instanceId}`,
      what: 'was detached',
      change: decrement ? shrinking(group.desired - index) : '',
    });
  });
}

/** AttachInstances: running instances that belong to no group; the desired capacity grows by them. */
export function attachInstances(engine: Engine, name: string, ids: string[]): void {
  const group = requireLiveGroup(engine, name);
  checkCount(ids);
  const found = ids.map((id) => {
    const instance = instances(engine).get(id);
    if (!instance) throw invalid(`Invalid Instance ID(s) specified: ${id}`);
    if (instance.state !== 'running') throw invalid(`Instance ${id} is not in correct state.`);
    const owner = members(engine).get(id)?.group;
    if (owner !== undefined) throw invalid(`Instance ${id} is already part of AutoScalingGroup:${owner}`);
    return instance;
  });
  checkIncrement(group, ids.length, 'attach');
  raiseDesired(engine, group, ids.length);
  found.forEach((instance, index) => {
    const id = instance.instanceId;
    const activity = startActivity(engine, group, {
      description: `Attaching an existing EC2 instance: ${id}`,
      cause: userCause(engine, id, 'was attached', growing(group.desired + index)),
      status: 'PreInService',
      progress: 30,
    });
    addTags(engine, [id], { 'aws:autoscaling:groupName': group.name });
    members(engine).put(id, { ...newMember(engine, group, instance), activityId: activity.id });
  });
}

function leaving(
  engine: Engine,
  name: string,
  ids: string[],
  states: MemberRecord['state'][],
  decrement: boolean,
  action: string,
): { group: GroupRecord; found: MemberRecord[] } {
  const group = requireLiveGroup(engine, name);
  checkCount(ids);
  const found = requireMembers(engine, group, ids);
  for (const member of found) requireState(member, states);
  // What stands by was taken off the desired capacity, or replaced, when it went.
  const counted = found.filter(({ state }) => state === 'InService').length;
  if (decrement && counted > 0) {
    checkDecrement(group, counted, action);
    groups(engine).patch(name, { desired: group.desired - counted, scaledAt: engine.clock.now() });
  }
  return { group, found };
}

function rejoin(engine: Engine, member: MemberRecord, activityId: string): void {
  const now = engine.clock.now();
  members(engine).patch(member.instanceId, { state: 'Pending', since: now, healthy: true, activityId });
}

const raiseDesired = (engine: Engine, group: GroupRecord, count: number) =>
  groups(engine).patch(group.name, { desired: group.desired + count, scaledAt: engine.clock.now() });

function userActivity(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  { description, what, change }: { description: string; what: string; change: string },
): ActivityRecord {
  const cause = userCause(engine, member.instanceId, what, change);
  return doneActivity(engine, group, { description, cause, details: { 'Availability Zone': member.zone } });
}

const userCause = (engine: Engine, id: string, what: string, change: string) =>
  causeOf(sentence(engine.clock.now(), `instance ${id} ${what} in response to a user request${change}`));

const shrinking = (from: number) => `, shrinking the capacity from ${from} to ${from - 1}`;
const growing = (from: number) => `, increasing the capacity from ${from} to ${from + 1}`;

function requireState({ instanceId, state }: MemberRecord, states: MemberRecord['state'][]): void {
  if (!states.includes(state)) throw invalid(`The instance ${instanceId} is not in ${states.join(' or ')}.`);
}

function checkCount(ids: string[]): void {
  if (ids.length === 0) throw invalid('At least one instance ID must be specified.');
  if (ids.length > MOST_INSTANCES) throw invalid(`At most ${MOST_INSTANCES} instances can be named at once.`);
}

function checkIncrement(group: GroupRecord, count: number, action: string): void {
  if (group.desired + count <= group.max) return;
  throw invalid(
    `AutoScalingGroup ${group.name} has min-size=${group.min}, max-size=${group.max}, and desired-size=${group.desired}. To ${action} ${count} more instance${count === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  );
}
