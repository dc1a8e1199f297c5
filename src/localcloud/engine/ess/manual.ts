import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { beginActivity } from './activities.ts';
import { requireActive, requireRest } from './groups.ts';
import { register, removeMember, weigh } from './lifecycle.ts';
import {
  type EssGroup,
  type EssMember,
  type EssState,
  essGroups,
  essMembers,
  findEssGroup,
  isLive,
  membersOf,
} from './records.ts';

/** ESS: instances of one call. */
const MOST_INSTANCES = 20;

const refuse = (code: string, message: string, status = 400) => new ServiceError(code, message, status);

function checkCount(ids: string[]): void {
  if (ids.length === 0) throw refuse('MissingParameter.InstanceIds', 'InstanceIds is mandatory.');
  if (ids.length > MOST_INSTANCES)
    throw refuse('InvalidParameter.InstanceIds', `At most ${MOST_INSTANCES} instances can be given.`);
}

/** Throws InvalidInstanceId.NotFound. */
function membersNamed(engine: Engine, groupId: string, ids: string[]): EssMember[] {
  checkCount(ids);
  return ids.map((id) => {
    const member = essMembers(engine).get(id);
    if (member?.groupId === groupId) return member;
    throw refuse(
      'InvalidInstanceId.NotFound',
      `Instance "${id}" does not exist in the specified scaling group.`,
      404,
    );
  });
}

function inStates(members: EssMember[], states: EssState[]): void {
  for (const { instanceId, state } of members)
    if (!states.includes(state))
      throw refuse(
        'IncorrectInstanceStatus',
        `The current status ${state} of instance "${instanceId}" does not support this operation.`,
      );
}

/**
 * Takes running instances into the group, which wants as many more. Throws InvalidInstanceId.NotFound, InvalidInstanceId.InUse,
 * IncorrectInstanceStatus, IncorrectCapacity.MaxSize. Returns the activity's id.
 */
export function attachInstances(engine: Engine, groupId: string, ids: string[], entrusted: boolean): string {
  checkCount(ids);
  const group = requireActive(findEssGroup(engine, groupId));
  requireRest(engine, groupId);
  for (const id of ids) {
    const instance = instances(engine).get(id);
    if (!instance) throw refuse('InvalidInstanceId.NotFound', `Instance "${id}" does not exist.`, 404);
    if (instance.state !== 'running')
      throw refuse('IncorrectInstanceStatus', `Instance "${id}" is not running.`);
    if (essMembers(engine).has(id))
      throw refuse('InvalidInstanceId.InUse', `Instance "${id}" is in a scaling group already.`);
  }
  const desired = group.desired + ids.length;
  if (desired > group.max)
    throw refuse(
      'IncorrectCapacity.MaxSize',
      'To attach the instances, the total capacity will be greater than the MaxSize.',
    );
  const activityId = beginActivity(engine, groupId, {
    description: `Attach "${ids.length}" ECS instance`,
    cause: `A user requests to attach instance "${ids.join(',')}", changing the Total Capacity from "${group.desired}" to "${desired}".`,
  });
  const now = engine.clock.now();
  for (const instanceId of ids)
    essMembers(engine).put(instanceId, {
      instanceId,
      groupId,
      state: 'Pending',
      since: now,
      healthy: true,
      attached: true,
      entrusted,
      addedAt: now,
      waits: [],
      activityId,
    });
  essGroups(engine).patch(groupId, { desired });
  return activityId;
}

/**
 * Takes instances out. The group's own are released, unless they are detached (`keeps`); `decrease`: the group wants as many fewer,
 * else it launches others. Throws IncorrectScalingGroupStatus, ScalingActivityInProgress, InvalidInstanceId.NotFound,
 * IncorrectCapacity.MinSize. Returns the last activity's id.
 */
export function removeInstances(
  engine: Engine,
  groupId: string,
  ids: string[],
  { keeps, decrease }: { keeps: boolean; decrease: boolean },
): string {
  const group = requireActive(findEssGroup(engine, groupId));
  const members = membersNamed(engine, groupId, ids);
  requireRest(engine, groupId);
  inStates(members, ['InService', 'Protected', 'Standby']);
  const left = membersOf(engine, groupId).filter(isLive).length - members.length;
  if (decrease && left < group.min)
    throw refuse(
      'IncorrectCapacity.MinSize',
      'To remove the instances, the total capacity will be lesser than the MinSize.',
    );
  if (decrease)
    essGroups(engine).patch(groupId, { desired: Math.max(group.min, group.desired - ids.length) });
  const cause = `A user requests to ${keeps ? 'detach' : 'remove'} instance "${ids.join(',')}".`;
  const removed = members.map((member) =>
    removeMember(engine, group, member, cause, { keeps: keeps || (member.attached && !member.entrusted) }),
  );
  return removed.at(-1)!;
}

/** Weight 0 in the load balancers; nobody looks at its health, and nothing takes it. Throws IncorrectInstanceStatus. */
export function enterStandby(engine: Engine, groupId: string, ids: string[]): void {
  const group = findEssGroup(engine, groupId);
  const members = membersNamed(engine, groupId, ids);
  inStates(members, ['InService', 'Protected']);
  for (const { instanceId } of members) {
    weigh(engine, group, instanceId, () => 0);
    setState(engine, instanceId, 'Standby');
  }
}

/** Throws IncorrectInstanceStatus. */
export function exitStandby(engine: Engine, groupId: string, ids: string[]): void {
  const group = findEssGroup(engine, groupId);
  const members = membersNamed(engine, groupId, ids);
  inStates(members, ['Standby']);
  for (const { instanceId } of members) {
    // It may have been away when the load balancer came.
    register(engine, group, instanceId);
    setState(engine, instanceId, 'InService', true);
  }
}

/** Throws IncorrectInstanceStatus. */
export function protectInstances(engine: Engine, groupId: string, ids: string[], on: boolean): void {
  findEssGroup(engine, groupId);
  const members = membersNamed(engine, groupId, ids);
  inStates(members, ['InService', 'Protected']);
  for (const { instanceId } of members) setState(engine, instanceId, on ? 'Protected' : 'InService');
}

function setState(engine: Engine, instanceId: string, state: EssState, healthy?: boolean): void {
  const since = engine.clock.now();
  essMembers(engine).patch(instanceId, { state, since, ...(healthy !== undefined && { healthy }) });
}

/** What somebody outside found out. Throws InvalidInstanceId.NotFound. */
export function setMemberHealth(engine: Engine, instanceId: string, healthy: boolean): void {
  if (!essMembers(engine).has(instanceId))
    throw refuse(
      'InvalidInstanceId.NotFound',
      `Instance "${instanceId}" does not exist in any scaling group.`,
      404,
    );
  essMembers(engine).patch(instanceId, { healthy });
}

/** What its hooks hold it for, as DescribeLifecycleActions tells it. */
export const waitingIn = (engine: Engine, activityId: string): EssMember[] =>
  essMembers(engine).filter((member) => member.activityId === activityId && member.waits.length > 0);

const PROCESSES = ['ScaleIn', 'ScaleOut', 'HealthCheck', 'AlarmNotification', 'ScheduledAction'];

/** Throws InvalidParameter.Processes. */
export function suspendProcesses(engine: Engine, groupId: string, names: string[], on: boolean): void {
  const group: EssGroup = findEssGroup(engine, groupId);
  const unknown = names.find((name) => !PROCESSES.includes(name));
  if (names.length === 0 || unknown !== undefined)
    throw refuse(
      'InvalidParameter.Processes',
      `The specified process ${unknown ?? ''} is not one of ${PROCESSES.join(', ')}.`,
    );
  const others = group.suspended.filter((name) => !names.includes(name));
  essGroups(engine).patch(groupId, { suspended: on ? [...others, ...new Set(names)] : others });
}
