import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { ActivityRecord } from './activities.ts';
import { type GroupRecord, groups, invalid, requireLiveGroup } from './groups.ts';
import { isActive, isRetained, isTerminating, type MemberRecord, members } from './members.ts';
import { beginTermination } from './termination.ts';

/** The member, whatever its group. Throws ValidationError. */
export function requireMember(engine: Engine, instanceId: string): MemberRecord {
  const member = members(engine).get(instanceId);
  if (!member) {
    throw invalid(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  }
  return member;
}

/** The group's members with these ids. Throws ValidationError where one is not its member. */
export function requireMembers(engine: Engine, group: GroupRecord, ids: string[]): MemberRecord[] {
  return ids.map((id) => {
    const member = members(engine).get(id);
    if (member?.group !== group.name) {
      throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    }
    return member;
  });
}

/** TerminateInstanceInAutoScalingGroup: scale-in protection does not save it. */
export function terminateMember(engine: Engine, instanceId: string, decrement: boolean): ActivityRecord {
  const member = requireMember(engine, instanceId);
  const group = requireLiveGroup(engine, member.group);
  if (isTerminating(member) && !isRetained(member)) {
    throw new ServiceError('ScalingActivityInProgress', `Activity ${member.activityId} is in progress.`);
  }
  let cause = `instance ${instanceId} was taken out of service in response to a user request`;
  if (decrement && isActive(member)) {
    checkDecrement(group, 1, 'terminate');
    groups(engine).patch(group.name, { desired: group.desired - 1, scaledAt: engine.clock.now() });
    cause += `, shrinking the capacity from ${group.desired} to ${group.desired - 1}`;
  }
  return beginTermination(engine, group, member, { cause });
}

/** SetInstanceProtection, for members that are not on their way out; all or none. */
export function setProtection(engine: Engine, name: string, ids: string[], isProtected: boolean): void {
  const group = requireLiveGroup(engine, name);
  const found = requireMembers(engine, group, ids);
  for (const { instanceId, state } of found) {
    if (state !== 'InService' && state !== 'Standby') {
      throw invalid(`The instance ${instanceId} is not in InService or EnteringStandby or Standby.`);
    }
  }
  for (const { instanceId } of found) members(engine).patch(instanceId, { protected: isProtected });
}

/** Throws ValidationError when the capacity would fall below the minimum. */
export function checkDecrement(group: GroupRecord, count: number, action: string): void {
  if (group.desired - count >= group.min) return;
  throw invalid(
    `AutoScalingGroup ${group.name} has min-size=${group.min}, max-size=${group.max}, and desired-size=${group.desired}. To ${action} ${count} instance${count === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  );
}
