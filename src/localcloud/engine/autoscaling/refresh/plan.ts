import type { Engine } from '../../engine.ts';
import { requireGroup } from '../groups.ts';
import { isActive, type MemberRecord } from '../members.ts';
import { selectVictims } from '../victims.ts';
import { boundsOf } from './bounds.ts';
import { nextThreshold } from './checkpoints.ts';
import type { RefreshRecord } from './record.ts';
import type { View } from './view.ts';

export interface Plan {
  /** To be taken out of service now. */
  end: MemberRecord[];
  /** How many instances above the desired capacity the group is to run after that. */
  surge: number;
}

/**
 * What a refresh does next. It ends as many instances as are ready above the lower bound and has the group launch up to the
 * upper one, but begins no more replacements than the next checkpoint needs: the batch is cut there.
 */
export function planOf(engine: Engine, refresh: RefreshRecord, view: View): Plan {
  const bounds = boundsOf(view.desired, refresh.preferences);
  const surplus = Math.max(0, view.active.length - view.desired);
  const mayBegin = startsAllowed(refresh, view, engine.clock.now());
  const end = victims(engine, refresh, view, surplus + mayBegin);
  const ended = end.filter(isActive).length;
  const left = view.replaceable.filter((member) => isActive(member) && !end.includes(member)).length;
  const begun = Math.max(0, ended - surplus);
  return {
    end,
    surge: Math.min(
      bounds.upper - view.desired,
      left,
      Math.max(0, surplus - ended) + Math.max(0, mayBegin - begun),
    ),
  };
}

/** How many replacements may begin: those up to the next checkpoint, none while one waits, in a rollback all. */
function startsAllowed(refresh: RefreshRecord, view: View, now: number): number {
  if (refresh.status === 'RollbackInProgress') return view.replaceable.length;
  if (refresh.checkpointUntil !== undefined && now < refresh.checkpointUntil) return 0;
  const threshold = nextThreshold(refresh);
  if (threshold === undefined) return 0;
  const unbegun = view.toUpdate - standbyOf(view);
  const begun = view.total - unbegun;
  return Math.max(0, Math.ceil((view.total * threshold) / 100) - begun);
}

const standbyOf = (view: View) =>
  [...view.replaceable, ...view.blocked].filter((member) => !isActive(member)).length;

function victims(engine: Engine, refresh: RefreshRecord, view: View, budget: number): MemberRecord[] {
  const group = requireGroup(engine, refresh.group);
  const { lower, atLeastOne } = boundsOf(view.desired, refresh.preferences);
  const standby = view.replaceable.filter((member) => !isActive(member));
  const serving = view.replaceable.filter((member) => member.state === 'InService' && member.healthy);
  // They serve nobody: ending them costs nothing.
  const idle = view.replaceable.filter((member) => isActive(member) && !serving.includes(member));
  const endIdle = selectVictims(engine, group, idle, budget);
  const settled = view.active.length >= view.desired && view.ready.length === view.active.length;
  const room = lower === 0 ? serving.length : Math.max(0, view.ready.length - lower);
  const count = room === 0 && atLeastOne && settled ? 1 : room;
  const endServing = selectVictims(engine, group, serving, Math.min(count, budget - endIdle.length));
  return [...standby, ...endIdle, ...endServing];
}
