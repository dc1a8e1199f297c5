import { addServers, removeServer } from '../clb/servers.ts';
import { terminateInstances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { beginActivity, endActivity } from './activities.ts';
import { expireWaits, waitsFor } from './hooks.ts';
import { instanceOf } from './launch.ts';
import { type EssGroup, type EssMember, essMembers, isLive } from './records.ts';

/** Sets a member on its way out. `keeps`: its instance goes on running. */
export function removeMember(
  engine: Engine,
  group: EssGroup,
  member: EssMember,
  cause: string,
  keeps = false,
): string {
  const activityId = beginActivity(engine, group.groupId, {
    description: `${keeps ? 'Detach' : 'Remove'} "1" ECS instance`,
    cause,
    destroyed: [member.instanceId],
  });
  for (const { serverGroupId } of group.links) removeServer(engine, serverGroupId, member.instanceId);
  essMembers(engine).patch(member.instanceId, {
    state: 'Removing',
    since: engine.clock.now(),
    waits: [],
    activityId,
    keeps,
  });
  return activityId;
}

/** Puts a member behind the group's load balancers, at the weight they are linked with. */
export function register(engine: Engine, group: EssGroup, instanceId: string): void {
  for (const { serverGroupId, port, weight } of group.links)
    addServers(engine, serverGroupId, [{ serverId: instanceId, port, weight }]);
}

/** Brings a member forward what is due of its way in or out; returns when something is due next. */
export function advanceMember(
  engine: Engine,
  group: EssGroup,
  member: EssMember,
  now: number,
): number | undefined {
  const { instanceId } = member;
  const instance = instanceOf(engine, instanceId);
  const set = (fields: Partial<EssMember>) => essMembers(engine).patch(instanceId, { since: now, ...fields });
  switch (member.state) {
    case 'Pending': {
      if (instance === 'gone') return fail(engine, group, member);
      if (instance === 'coming') return undefined;
      const due = member.since + engine.latency.of('group.launch');
      if (now < due) return due;
      const waits = waitsFor(engine, group.groupId, 'SCALE_OUT');
      if (waits.length > 0) set({ state: 'Pending:Wait', waits });
      else enter(engine, group, member);
      return now;
    }
    case 'Pending:Wait': {
      if (instance === 'gone' || !member.healthy) return fail(engine, group, member);
      const next = expireWaits(engine, member, now);
      if (next === undefined) enter(engine, group, member);
      return next;
    }
    case 'InService':
    case 'Protected':
      if (instance === 'gone' && member.healthy && watches(group)) set({ healthy: false });
      return undefined;
    case 'Standby':
      return undefined;
    case 'Removing': {
      if (instance === 'gone') return leave(engine, member);
      const waits = waitsFor(engine, group.groupId, 'SCALE_IN');
      if (waits.length === 0) return leave(engine, member);
      set({ state: 'Removing:Wait', waits });
      return now;
    }
    case 'Removing:Wait': {
      if (instance === 'gone') return leave(engine, member);
      const next = expireWaits(engine, member, now);
      return next ?? leave(engine, member);
    }
  }
}

const watches = (group: EssGroup) =>
  group.healthCheckType !== 'NONE' && !group.suspended.includes('HealthCheck');

function enter(engine: Engine, group: EssGroup, { instanceId, activityId }: EssMember): void {
  register(engine, group, instanceId);
  essMembers(engine).patch(instanceId, { state: 'InService', since: engine.clock.now() });
  endActivity(engine, activityId, 'Successful', { created: [instanceId] });
}

function fail(engine: Engine, group: EssGroup, member: EssMember): undefined {
  endActivity(engine, member.activityId, 'Failed', {
    errorCode: 'InstanceNotRunning',
    errorMessage: `ECS instance ${member.instanceId} did not come into service.`,
  });
  removeMember(engine, group, member, 'The instance did not come into service.');
}

function leave(engine: Engine, { instanceId, activityId, keeps }: EssMember): undefined {
  if (!keeps && instanceOf(engine, instanceId) !== 'gone') terminateInstances(engine, [instanceId]);
  essMembers(engine).delete(instanceId);
  endActivity(engine, activityId, 'Successful', { destroyed: [instanceId] });
}

/** Replaces what is unhealthy: it is removed here, and capacity launches another. */
export function removeUnhealthy(engine: Engine, group: EssGroup, members: EssMember[]): void {
  if (!watches(group)) return;
  for (const member of members)
    if (!member.healthy && isLive(member) && member.state !== 'Pending:Wait')
      removeMember(engine, group, member, 'The health check found that the instance is unhealthy.');
}
