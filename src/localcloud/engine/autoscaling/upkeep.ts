import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import type { GroupRecord } from './groups.ts';
import { isActive, type MemberRecord } from './members.ts';
import { instancesFor } from './mixed/variants.ts';
import { boundsOf } from './refresh/bounds.ts';
import { activeRefresh } from './refresh/record.ts';

/** What is to be replaced because it is unhealthy or too old. */
export interface Upkeep {
  /** May go now. */
  end: MemberRecord[];
  /** Stays until its replacement is in service. */
  wait: MemberRecord[];
  /** How many instances may be launched now; the rest has to wait for room. */
  mayLaunch: number;
}

/**
 * Without a maintenance policy what is unhealthy goes at once. With one, as many stay as the lower bound lacks instances in service,
 * and no more are launched than the upper bound lets. What does not run any more goes in any case: it serves nobody. An instance
 * refresh has bounds of its own. Source: AWS "Instance maintenance policies".
 */
export function upkeepOf(
  engine: Engine,
  group: GroupRecord,
  replaced: MemberRecord[],
  staying: MemberRecord[],
): Upkeep {
  const { maintenancePolicy } = group;
  if (!maintenancePolicy || replaced.length === 0 || activeRefresh(engine, group.name)) {
    return { end: replaced, wait: [], mayLaunch: Number.POSITIVE_INFINITY };
  }
  const dead = replaced.filter(({ instanceId }) => instances(engine).get(instanceId)?.state !== 'running');
  const serving = replaced.filter((member) => !dead.includes(member));
  const desired = instancesFor(group.desired, [...staying, ...replaced]);
  const { lower, upper } = boundsOf(desired, maintenancePolicy);
  const ready = staying.filter(({ state }) => state === 'InService').length;
  const kept = Math.min(serving.length, Math.max(0, lower - ready));
  const wait = serving.slice(0, kept);
  return {
    end: [...dead, ...serving.slice(kept)],
    wait,
    mayLaunch: Math.max(0, upper - staying.length - wait.length),
  };
}

/** MaxInstanceLifetime in milliseconds at the engine's speed; undefined without. */
function lifetimeOf(engine: Engine, { passive }: GroupRecord): number | undefined {
  const seconds = Number(passive.MaxInstanceLifetime ?? 0);
  return seconds > 0 ? engine.latency.scale(seconds * 1000) : undefined;
}

/** The oldest member beyond the group's maximum lifetime: one at a time, when all others are in service. */
export function outlivedOf(engine: Engine, group: GroupRecord, all: MemberRecord[]): MemberRecord[] {
  const lifetime = lifetimeOf(engine, group);
  if (lifetime === undefined || activeRefresh(engine, group.name)) return [];
  const active = all.filter(isActive);
  if (active.some(({ state, healthy }) => state !== 'InService' || !healthy)) return [];
  const now = engine.clock.now();
  return active
    .filter(({ launchedAt }) => launchedAt + lifetime <= now)
    .sort((a, b) => a.launchedAt - b.launchedAt)
    .slice(0, 1);
}

/** When a member will have reached the maximum lifetime, if that is still to come. */
export function outlivedAt(engine: Engine, group: GroupRecord, member: MemberRecord): number | undefined {
  const lifetime = lifetimeOf(engine, group);
  const at = lifetime === undefined ? undefined : member.launchedAt + lifetime;
  return at !== undefined && at > engine.clock.now() ? at : undefined;
}
