import { addServers, removeServer, setWeights } from '../clb/servers.ts';
import { terminateInstances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { beginActivity, endActivity } from './activities.ts';
import { expireWaits, waitsFor } from './hooks.ts';
import { hasEnded, instanceOf, isReleased, pauseLaunches } from './launch.ts';
import { activeRefresh, type EssGroup, type EssMember, essMembers, type ServerGroupLink } from './records.ts';

/**
 * Sets a member on its way out, which takes it from its load balancers at once. `keeps`: its instance goes on running; `asked`: no
 * hook is. Returns the id of the activity.
 */
export function removeMember(
  engine: Engine,
  group: EssGroup,
  member: EssMember,
  cause: string,
  { keeps = false, asked = false } = {},
): string {
  const { instanceId } = member;
  // What brought it in ends with it.
  endActivity(engine, member.activityId, 'Failed', {
    errorCode: 'InstanceRemoved',
    errorMessage: `ECS instance ${instanceId} was removed before it came into service.`,
  });
  const activityId = beginActivity(engine, group.groupId, {
    description: `${keeps ? 'Detach' : 'Remove'} "1" ECS instance`,
    cause,
    refreshId: activeRefresh(engine, group.groupId)?.taskId,
  });
  for (const { serverGroupId, port } of group.links) removeServer(engine, serverGroupId, instanceId, port);
  essMembers(engine).patch(instanceId, {
    state: 'Removing',
    since: engine.clock.now(),
    waits: [],
    activityId,
    keeps,
    asked,
  });
  return activityId;
}

/** Puts a member behind the group's load balancers, at the weight they are linked with. */
export function register(engine: Engine, group: EssGroup, instanceId: string): void {
  for (const { serverGroupId, port, weight } of group.links)
    addServers(engine, serverGroupId, [{ serverId: instanceId, port, weight }]);
}

/** A member's weight everywhere: 0 in standby. */
export function weigh(
  engine: Engine,
  group: EssGroup,
  serverId: string,
  weightOf: (link: ServerGroupLink) => number,
): void {
  for (const link of group.links)
    setWeights(engine, link.serverGroupId, [{ serverId, port: link.port, weight: weightOf(link) }]);
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
      if (instance === 'gone' || member.abandoned) return fail(engine, group, member);
      const next = expireWaits(engine, member, now);
      const after = essMembers(engine).get(instanceId)!;
      if (next === undefined && !after.abandoned) enter(engine, group, member);
      return next ?? now;
    }
    case 'InService':
      if (instance === 'gone' && member.healthy && watches(group)) set({ healthy: false });
      return undefined;
    case 'Protected':
    case 'Standby':
      // Stopped, they may be; released, they are no members any more.
      if (isReleased(engine, instanceId))
        removeMember(engine, group, member, 'The instance was released.', { asked: true });
      return undefined;
    case 'Removing': {
      if (member.asked || isReleased(engine, instanceId)) return leave(engine, member);
      set({ state: 'Removing:Wait', waits: waitsFor(engine, group.groupId, 'SCALE_IN') });
      return now;
    }
    case 'Removing:Wait': {
      const next = isReleased(engine, instanceId) ? undefined : expireWaits(engine, member, now);
      if (next !== undefined) return next;
      if (essMembers(engine).get(instanceId)!.state === 'Removing:Wait')
        set({ state: 'Removing', waits: [], asked: true });
      return now;
    }
  }
}

const watches = (group: EssGroup) =>
  group.healthCheckType !== 'NONE' && !group.suspended.includes('HealthCheck');

function enter(engine: Engine, group: EssGroup, { instanceId, activityId }: EssMember): void {
  register(engine, group, instanceId);
  essMembers(engine).patch(instanceId, { state: 'InService', since: engine.clock.now(), waits: [] });
  endActivity(engine, activityId, 'Successful', { created: [instanceId] });
}

/** It never came in. The next launch waits, so that what fails each time does not fail without end. */
function fail(engine: Engine, group: EssGroup, member: EssMember): undefined {
  endActivity(engine, member.activityId, 'Failed', {
    errorCode: member.abandoned ? 'LifecycleHookAbandoned' : 'InstanceNotRunning',
    errorMessage: `ECS instance ${member.instanceId} did not come into service.`,
  });
  pauseLaunches(engine, group.groupId);
  removeMember(engine, group, member, 'The instance did not come into service.', {
    asked: true,
    keeps: member.attached && !member.entrusted,
  });
}

/** It stays until its instance has ended. */
function leave(engine: Engine, { instanceId, activityId, keeps }: EssMember): undefined {
  if (!keeps && !isReleased(engine, instanceId)) terminateInstances(engine, [instanceId]);
  if (!keeps && !hasEnded(engine, instanceId)) return;
  essMembers(engine).delete(instanceId);
  endActivity(engine, activityId, 'Successful', { destroyed: [instanceId] });
}

/** What is unhealthy goes, and capacity launches another. Protected instances and those in standby are not looked at. */
export function removeUnhealthy(engine: Engine, group: EssGroup, members: EssMember[]): void {
  if (!watches(group)) return;
  for (const member of members)
    if (!member.healthy && member.state === 'InService')
      removeMember(engine, group, member, 'The health check found that the instance is unhealthy.', {
        keeps: member.attached && !member.entrusted,
      });
}
