import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { endActivity, markActivity } from './activities.ts';
import { type GroupRecord, groups } from './groups.ts';
import { graceEnd } from './health.ts';
import { LAUNCHING, openActions } from './hooks.ts';
import { backOff } from './launch.ts';
import { expireActions } from './lifecycle-actions.ts';
import { isTerminating, isWarm, type MemberRecord, members } from './members.ts';
import { advanceTermination, beginTermination } from './termination.ts';
import { registerEntering } from './traffic/registration.ts';
import { outlivedAt } from './upkeep.ts';
import { advanceWarming } from './warm-pool/lifecycle.ts';

/** Brings a member what is due of its way in or out of service; returns when something is due next. */
export function advanceMember(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): number | undefined {
  if (isWarm(member) && !isTerminating(member)) return advanceWarming(engine, group, member, now);
  switch (member.state) {
    case 'Pending':
    case 'Pending:Proceed':
      return advanceLaunch(engine, group, member, now);
    case 'Pending:Wait':
      return advanceLaunchHooks(engine, group, member, now);
    case 'InService':
      return soonest(graceEnd(engine, group, member, now), outlivedAt(engine, group, member));
    case 'Standby':
      if (hasEnded(engine, member)) members(engine).delete(member.instanceId);
      return undefined;
    default: {
      const next = expireActions(engine, member, now);
      advanceTermination(engine, group, members(engine).get(member.instanceId) as MemberRecord, now);
      return next;
    }
  }
}

const soonest = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

function advanceLaunch(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): number | undefined {
  const id = member.instanceId;
  if (hasEnded(engine, member)) return failLaunch(engine, group, member);
  if (instances(engine).get(id)?.state !== 'running') return undefined;
  if (member.readyAt !== undefined && now >= member.readyAt) {
    endActivity(engine, member.activityId, 'Successful');
    registerEntering(engine, group, member);
    members(engine).patch(id, { state: 'InService', since: now, inServiceAt: now, readyAt: undefined });
    if (group.backoff) groups(engine).patch(group.name, { backoff: undefined });
    return undefined;
  }
  if (member.readyAt !== undefined) return member.readyAt;
  const actions = openActions(engine, group, member, LAUNCHING);
  if (actions.length > 0) {
    markActivity(engine, member.activityId, 'MidLifecycleAction', 40);
    members(engine).patch(id, { state: 'Pending:Wait', since: now, actions });
    return now;
  }
  return enter(engine, member, 'Pending', now);
}

function advanceLaunchHooks(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): number | undefined {
  if (hasEnded(engine, member)) return failLaunch(engine, group, member);
  if (member.actions.length > 0) return expireActions(engine, member, now);
  return enter(engine, member, 'Pending:Proceed', now);
}

function enter(engine: Engine, member: MemberRecord, state: MemberRecord['state'], now: number): number {
  const readyAt = now + engine.latency.of('group.launch');
  markActivity(engine, member.activityId, 'PreInService', 30);
  members(engine).patch(member.instanceId, { state, readyAt });
  return readyAt;
}

function failLaunch(engine: Engine, group: GroupRecord, member: MemberRecord): undefined {
  const why = instances(engine).get(member.instanceId)?.stateReason?.message ?? 'unknown';
  const message = `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${why}`;
  endActivity(engine, member.activityId, 'Failed', message);
  // One that was attached or came from standby says nothing about launches.
  if (member.inServiceAt === undefined) backOff(engine, group, message);
  beginTermination(engine, group, member, {
    cause:
      'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped',
  });
}

function hasEnded(engine: Engine, { instanceId }: MemberRecord): boolean {
  const state = instances(engine).get(instanceId)?.state;
  return state !== 'pending' && state !== 'running';
}
