import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { activities } from './activities.ts';
import { type GroupRecord, groups, invalid, requireGroup } from './groups.ts';
import { deleteHooksOf } from './hooks.ts';
import { isTerminating, membersOf, poolOf } from './members.ts';
import { deleteNotificationsOf } from './notifications.ts';
import { deletePoliciesOf } from './policies/put.ts';
import { refreshes } from './refresh/record.ts';
import { deleteSchedulesOf } from './schedules/records.ts';
import { beginTermination, hurryTermination } from './termination.ts';

/** DeleteAutoScalingGroup. With `force` its instances go too, and no hook is asked. Throws ResourceInUse, ScalingActivityInProgress. */
export function deleteGroup(engine: Engine, name: string, force: boolean): void {
  const group = requireGroup(engine, name);
  if (group.deletionProtection === 'prevent-all-deletion' || (force && group.deletionProtection !== 'none')) {
    throw invalid(
      `AutoScalingGroup ${name} cannot be deleted while its deletion protection is ${group.deletionProtection}.`,
    );
  }
  const left = [...membersOf(engine, name), ...poolOf(engine, name)];
  if (force) {
    groups(engine).patch(name, { deleting: true, min: 0, max: 0, desired: 0, backoff: undefined });
  } else if (left.some((member) => !isTerminating(member))) {
    throw new ServiceError(
      'ResourceInUse',
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
    );
  } else if (left.length > 0) {
    throw new ServiceError(
      'ScalingActivityInProgress',
      'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
    );
  } else {
    forget(engine, group);
  }
}

/** A group that is being deleted: ends what is left of it, and when nothing is, forgets it. */
export function advanceDeletion(engine: Engine, group: GroupRecord): void {
  const left = [...membersOf(engine, group.name), ...poolOf(engine, group.name)];
  for (const member of left) {
    if (!isTerminating(member)) {
      beginTermination(engine, group, member, {
        cause: 'an instance was taken out of service in response to a user request to delete the group',
        skipHooks: true,
      });
    } else {
      hurryTermination(engine, member);
    }
  }
  if (left.length === 0) forget(engine, group);
}

function forget(engine: Engine, { name }: GroupRecord): void {
  deleteHooksOf(engine, name);
  deletePoliciesOf(engine, name);
  deleteSchedulesOf(engine, name);
  deleteNotificationsOf(engine, name);
  for (const { id } of refreshes(engine).filter(({ group }) => group === name)) refreshes(engine).delete(id);
  for (const activity of activities(engine).filter(({ group }) => group === name)) {
    activities(engine).patch(activity.id, { groupDeleted: true });
  }
  groups(engine).delete(name);
}
