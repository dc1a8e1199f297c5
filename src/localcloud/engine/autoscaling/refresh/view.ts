import type { Engine } from '../../engine.ts';
import { requireGroup } from '../groups.ts';
import { isActive, isRetained, isTerminating, type MemberRecord, membersOf, warmAt } from '../members.ts';
import { instancesFor, matcherOf } from '../mixed/variants.ts';
import { passesElb } from '../traffic/registration.ts';
import { targetOf } from './configuration.ts';
import { directionOf, type RefreshRecord } from './record.ts';

/** A group as a refresh sees it. */
export interface View {
  /** The desired capacity, in instances. */
  desired: number;
  /** Members in service or pending. */
  active: MemberRecord[];
  /** Those in service, healthy and warmed up. */
  ready: MemberRecord[];
  /** To be replaced, and free to be. */
  replaceable: MemberRecord[];
  /** To be replaced, but scale-in protected or in standby: waited for. */
  blocked: MemberRecord[];
  /** Replacements, ready and not. */
  news: MemberRecord[];
  /** Taken out of service by this refresh, not gone yet. */
  leaving: MemberRecord[];
  /** How many instances there are to replace in all, and how many replacements are ready. */
  total: number;
  done: number;
  /** Instances whose replacement has not begun. */
  toUpdate: number;
}

export function viewOf(engine: Engine, refresh: RefreshRecord): View {
  const all = membersOf(engine, refresh.group);
  const active = all.filter(isActive);
  const desired = instancesFor(requireGroup(engine, refresh.group).desired, active);
  const ready = active.filter((member) => isReady(engine, refresh, member));
  const fate = judge(engine, refresh);
  const of = (...fates: Fate[]) => all.filter((member) => fates.includes(fate(member)));
  const replaceable = of('replace');
  const blocked = of('wait');
  const news = of('new');
  const left = [...replaceable, ...blocked];
  const standing = left.filter((member) => !isActive(member)).length;
  const surplus = Math.max(0, active.length - desired);
  const excepted = of('keep').filter(isActive).length;
  return {
    desired,
    active,
    ready,
    replaceable,
    blocked,
    news,
    leaving: all.filter(
      (member) => isTerminating(member) && !isRetained(member) && member.replacedBy === refresh.id,
    ),
    total: Math.max(0, desired - excepted),
    done: news.filter((member) => ready.includes(member)).length,
    toUpdate: Math.max(0, left.length - standing - surplus) + standing,
  };
}

/** In service, healthy (also for its load balancers, where the group asks them), and for as long as the refresh's warmup. */
export function isReady(engine: Engine, refresh: RefreshRecord, member: MemberRecord): boolean {
  const at = warmAt(member, warmupOf(engine, refresh));
  const group = requireGroup(engine, refresh.group);
  return at !== undefined && at <= engine.clock.now() && passesElb(engine, group, member);
}

export const warmupOf = (engine: Engine, { preferences }: RefreshRecord) =>
  engine.latency.scale(preferences.warmup * 1000);

/** `keep`: left alone by skip matching, by Ignore, or in a rollback because it was never replaced. */
type Fate = 'new' | 'replace' | 'wait' | 'keep' | 'gone';

/** What the refresh means to do with a member. `$Latest` is looked up each time: a version made meanwhile counts. */
export function judge(engine: Engine, refresh: RefreshRecord): (member: MemberRecord) => Fate {
  const { protectedInstances, standbyInstances, skipMatching } = refresh.preferences;
  const matches = matcherOf(engine, targetOf(engine, refresh));
  const direction = directionOf(refresh);
  return (member) => {
    if (isTerminating(member)) return 'gone';
    const mine = member.refresh?.id === refresh.id;
    if (mine && member.refresh?.direction === direction && matches(member)) return 'new';
    if (direction === 'rollback' && !mine) return 'keep';
    if (direction === 'forward' && skipMatching && matches(member)) return 'keep';
    if (member.state === 'Standby' && standbyInstances !== 'Terminate')
      return standbyInstances === 'Wait' ? 'wait' : 'keep';
    if (member.protected && protectedInstances !== 'Refresh')
      return protectedInstances === 'Wait' ? 'wait' : 'keep';
    return 'replace';
  };
}
