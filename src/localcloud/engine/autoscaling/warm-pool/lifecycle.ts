import { instances } from '../../ec2/instances.ts';
import { startInstances, stopInstances } from '../../ec2/power.ts';
import type { Engine } from '../../engine.ts';
import { causeOf, endActivity, markActivity, startActivity } from '../activities.ts';
import type { GroupRecord } from '../groups.ts';
import { LAUNCHING, openActions } from '../hooks.ts';
import { expireActions } from '../lifecycle-actions.ts';
import { type MemberRecord, members, poolOf } from '../members.ts';
import { placesByNeed } from '../places.ts';
import { activeRefresh } from '../refresh/record.ts';
import { judge } from '../refresh/view.ts';
import type { WarmPool } from './record.ts';

/** Brings an instance of the pool what is due further on its way in. */
export function advanceWarming(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): number | undefined {
  const { instanceId: id } = member;
  const state = instances(engine).get(id)?.state;
  if (state === undefined || state === 'terminated' || state === 'shutting-down') {
    endActivity(engine, member.activityId, 'Failed', 'The instance ended while it was in the warm pool.');
    members(engine).delete(id);
    return undefined;
  }
  if (member.state === 'Warmed:Pending:Wait') {
    if (member.actions.length > 0) return expireActions(engine, member, now);
    members(engine).patch(id, { state: 'Warmed:Pending:Proceed', since: now });
    return now;
  }
  if (member.state === 'Warmed:Pending' && state === 'running') return prepare(engine, group, member, now);
  if (member.state === 'Warmed:Pending:Proceed') rest(engine, group, member, state, now);
  return undefined;
}

/** It runs: launch hooks are asked, unless it comes back from the group. */
function prepare(engine: Engine, group: GroupRecord, member: MemberRecord, now: number): number {
  const actions = member.inServiceAt === undefined ? openActions(engine, group, member, LAUNCHING) : [];
  if (actions.length > 0) markActivity(engine, member.activityId, 'MidLifecycleAction', 40);
  members(engine).patch(member.instanceId, {
    state: actions.length > 0 ? 'Warmed:Pending:Wait' : 'Warmed:Pending:Proceed',
    since: now,
    actions,
  });
  return now;
}

function rest(engine: Engine, { warmPool }: GroupRecord, member: MemberRecord, state: string, now: number) {
  const goal = warmPool?.state ?? 'Stopped';
  if (goal !== 'Running' && state === 'running') stopInstances(engine, [member.instanceId]);
  if (state !== (goal === 'Running' ? 'running' : 'stopped')) return;
  endActivity(engine, member.activityId, 'Successful');
  members(engine).patch(member.instanceId, { state: RESTING[goal], since: now });
}

const RESTING = {
  Stopped: 'Warmed:Stopped',
  Running: 'Warmed:Running',
  Hibernated: 'Warmed:Hibernated',
} as const satisfies Record<WarmPool['state'], MemberRecord['state']>;

const isResting = ({ state }: MemberRecord) => Object.values<string>(RESTING).includes(state);

/**
 * Takes an instance from the pool into the group, if there is one. While a refresh runs only those that it would not replace.
 */
export function takeFromPool(engine: Engine, group: GroupRecord, cause: string[]): MemberRecord | undefined {
  const refresh = activeRefresh(engine, group.name);
  const fate = refresh && judge(engine, refresh);
  const zones = placesByNeed(engine, group, false).map(({ zone }) => zone);
  const member = poolOf(engine, group.name)
    .filter((each) => isResting(each) && (!fate || fate(each) === 'new' || fate(each) === 'keep'))
    .sort((a, b) => zones.indexOf(a.zone) - zones.indexOf(b.zone))[0];
  if (!member) return undefined;
  const id = member.instanceId;
  const { state } = instances(engine).get(id) ?? {};
  if (state !== 'stopped' && state !== 'running') return undefined;
  if (state === 'stopped') startInstances(engine, [id]);
  const activity = startActivity(engine, group, {
    description: `Launching a new EC2 instance from warm pool: ${id}`,
    cause: causeOf(...cause),
    progress: 30,
    details: { 'Availability Zone': member.zone },
  });
  return members(engine).patch(id, {
    state: 'Pending',
    since: engine.clock.now(),
    activityId: activity.id,
    fromPool: true,
    inServiceAt: undefined,
    protected: group.newInstancesProtected,
  });
}
