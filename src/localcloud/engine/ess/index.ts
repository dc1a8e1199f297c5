import type { Engine } from '../engine.ts';
import { LAUNCH_PAUSE, launchMember, victims } from './launch.ts';
import { advanceMember, removeMember, removeUnhealthy } from './lifecycle.ts';
import {
  activeRefresh,
  type EssGroup,
  essActivities,
  essGroups,
  essHooks,
  essMembers,
  isLive,
  membersOf,
} from './records.ts';
import { outdated, stepRefresh, surgeOf } from './refresh-step.ts';

/** Puts the scaling groups of ESS into the engine. */
export function installEss(engine: Engine): void {
  engine.addReconciler({ name: 'ess', reconcile: (now) => reconcile(engine, now) });
}

function reconcile(engine: Engine, now: number): number | undefined {
  let wake: number | undefined;
  const at = (time: number | undefined) => {
    if (time !== undefined) wake = Math.min(wake ?? time, time);
  };
  for (const group of essGroups(engine).all()) {
    for (const member of membersOf(engine, group.groupId)) at(advanceMember(engine, group, member, now));
    if (group.state === 'Deleting') finishDeleting(engine, group);
    if (group.state !== 'Active') continue;
    removeUnhealthy(engine, group, membersOf(engine, group.groupId));
    const refresh = activeRefresh(engine, group.groupId);
    if (refresh) at(stepRefresh(engine, group, refresh, now));
    at(keepCapacity(engine, essGroups(engine).get(group.groupId)!, now));
  }
  return wake;
}

/** As many members as wanted; while instances are replaced, as many more as the refresh allows and needs. */
function keepCapacity(engine: Engine, group: EssGroup, now: number): number | undefined {
  const refresh = activeRefresh(engine, group.groupId);
  const members = membersOf(engine, group.groupId);
  const live = members.filter(isLive).length;
  const surge = refresh ? Math.min(surgeOf(group, refresh), outdated(engine, refresh).length) : 0;
  const wanted = group.desired + surge;
  if (live < wanted) {
    const failed = essActivities(engine)
      .filter(
        ({ groupId, status, created }) =>
          groupId === group.groupId && status === 'Failed' && created.length === 0,
      )
      .at(-1);
    const again = (failed?.endedAt ?? Number.NEGATIVE_INFINITY) + engine.latency.scale(LAUNCH_PAUSE);
    if (now < again) return again;
    for (let missing = wanted - live; missing > 0; missing--)
      if (!launchMember(engine, group, cause(group, live))) return now + engine.latency.scale(LAUNCH_PAUSE);
    return now;
  }
  // What a refresh has launched beyond the desired capacity makes room for what it ends.
  if (refresh === undefined && live > wanted)
    for (const id of victims(engine, group).slice(0, live - wanted))
      removeMember(engine, group, essMembers(engine).get(id)!, cause(group, live));
  return undefined;
}

const cause = ({ desired }: EssGroup, live: number) =>
  `The scaling group has ${live} instances, and its desired capacity is ${desired}.`;

function finishDeleting(engine: Engine, { groupId }: EssGroup): void {
  if (membersOf(engine, groupId).length > 0) return;
  essGroups(engine).delete(groupId);
  for (const hook of essHooks(engine).all())
    if (hook.groupId === groupId) essHooks(engine).delete(hook.hookId);
}
