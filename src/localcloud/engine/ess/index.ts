import type { Engine } from '../engine.ts';
import { keepCapacity } from './capacity.ts';
import { advanceMember, removeMember, removeUnhealthy } from './lifecycle.ts';
import {
  activeRefresh,
  type EssGroup,
  essGroups,
  essHooks,
  essRefreshes,
  isLive,
  membersOf,
} from './records.ts';
import { stepRefresh } from './refresh-step.ts';
import { essRules } from './rules.ts';
import { essTasks, runTasks } from './tasks.ts';

/** Puts the scaling groups of ESS into the engine. */
export function installEss(engine: Engine): void {
  engine.addReconciler({ name: 'ess', reconcile: (now) => reconcile(engine, now) });
  engine.addReconciler({ name: 'ess-tasks', reconcile: (now) => runTasks(engine, now) });
}

function reconcile(engine: Engine, now: number): number | undefined {
  let wake: number | undefined;
  const at = (time: number | undefined) => {
    if (time !== undefined) wake = Math.min(wake ?? time, time);
  };
  for (const { groupId } of essGroups(engine).all()) {
    const group = () => essGroups(engine).get(groupId)!;
    for (const member of membersOf(engine, groupId)) at(advanceMember(engine, group(), member, now));
    if (group().state === 'Deleting') {
      finishDeleting(engine, group());
      continue;
    }
    if (group().state !== 'Active') continue;
    removeUnhealthy(engine, group(), membersOf(engine, groupId));
    const refresh = activeRefresh(engine, groupId);
    if (refresh) at(stepRefresh(engine, group(), refresh, now));
    at(keepCapacity(engine, group(), now));
  }
  return wake;
}

/** First its instances, then what belongs to it. */
function finishDeleting(engine: Engine, group: EssGroup): void {
  const { groupId } = group;
  const members = membersOf(engine, groupId);
  for (const member of members)
    if (isLive(member))
      removeMember(engine, group, member, 'The scaling group is deleted.', {
        keeps: member.attached && !member.entrusted,
        asked: true,
      });
  if (members.length > 0) return;
  essGroups(engine).delete(groupId);
  for (const { hookId, groupId: owner } of essHooks(engine).all())
    if (owner === groupId) essHooks(engine).delete(hookId);
  for (const { ruleId, groupId: owner } of essRules(engine).all())
    if (owner === groupId) essRules(engine).delete(ruleId);
  for (const { taskId, groupId: owner } of essTasks(engine).all())
    if (owner === groupId) essTasks(engine).delete(taskId);
  for (const { taskId, groupId: owner } of essRefreshes(engine).all())
    if (owner === groupId) essRefreshes(engine).delete(taskId);
}
