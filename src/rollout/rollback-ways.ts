import type { RefreshState } from '../clouds/cloud.ts';

/** What decides which way back is the fastest. */
export interface Situation {
  /** The launch template version to go back to. */
  target: number;
  /** The group in front. */
  front: {
    /** The version that it launches; undefined where it names none. */
    current: number | undefined;
    /** How many of its instances run another version than the target, and are not left so on purpose. */
    others: number;
  };
  /** The refresh of that group that is under way. */
  refresh?: { state: RefreshState; version: number | undefined };
  /** The other colour: the version that it launches, and how many of its instances are ready to take over. */
  back?: { version: number | string; ready: number };
  /** A change of colours that was cut short: the version that it was to put in front, and whether both colours were there before it. */
  halfway?: { to: number | undefined; cutover: boolean };
}

/**
 * One step of the way back; afterwards the situation is looked at again.
 * `nothing`: the fleet is there. `undo`: a change of colours that was cut short is undone (one that leads to the target is gone on with). `turn`: the refresh that is under way is rolled
 * back. `follow`: it is on its way to the target already. `cancel`: it is stopped where it is, because it leads somewhere else.
 * `cutover`: the other colour takes over, after it has grown where it is `empty`. `refresh`: a new refresh to the target.
 */
export type Way =
  | { by: 'nothing' | 'undo' | 'turn' | 'follow' | 'cancel' | 'refresh' }
  | { by: 'cutover'; empty: boolean };

/** The fastest way that exists. Pure. */
export function fastestWay({ target, front, refresh, back, halfway }: Situation): Way {
  if (halfway && !(halfway.cutover && halfway.to === target)) return { by: 'undo' };
  if (halfway) return { by: 'cutover', empty: false };
  if (refresh) return { by: wayOfRefresh(target, front.current, refresh) };
  if (front.current === target) return { by: front.others === 0 ? 'nothing' : 'refresh' };
  if (back?.version === target) return { by: 'cutover', empty: back.ready === 0 };
  return { by: 'refresh' };
}

/** What to do about a refresh that is under way. A rollback of it goes to what the group launches, and nowhere else. */
function wayOfRefresh(
  target: number,
  current: number | undefined,
  { state, version }: NonNullable<Situation['refresh']>,
): 'turn' | 'follow' | 'cancel' {
  if (state === 'rollback-in-progress') return current === target ? 'follow' : 'cancel';
  if (state !== 'cancelling' && version === target) return 'follow';
  return current === target && state !== 'cancelling' ? 'turn' : 'cancel';
}
