import type { Engine } from '../engine.ts';
import { type GroupRecord, isSuspended, type Place, stamp, zonesOf } from './groups.ts';
import { isActive, type MemberRecord } from './members.ts';
import { activeRefresh } from './refresh/record.ts';

/** A launch that evens out the zones. */
export interface Rebalance {
  place: Place;
  cause: string;
}

/**
 * Where an instance is to be launched so that the group's zones are even again: when one has two more than another, or instances are
 * in a zone that the group has left. Only when nothing else is going on. The surplus that follows is scaled in from the fullest
 * zone. Source: AWS "Rebalancing activities".
 */
export function rebalanceOf(engine: Engine, group: GroupRecord, all: MemberRecord[]): Rebalance | undefined {
  if (['AZRebalance', 'Launch', 'Terminate'].some((process) => isSuspended(group, process))) return undefined;
  if (activeRefresh(engine, group.name)) return undefined;
  const active = all.filter(isActive);
  if (active.length < all.filter(({ state }) => state !== 'Standby').length) return undefined;
  if (active.some(({ state, healthy }) => state !== 'InService' || !healthy)) return undefined;
  const zones = zonesOf(group);
  const counts = new Map<string, number>();
  for (const { zone } of active) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  const count = (zone: string) => counts.get(zone) ?? 0;
  const light = [...zones].sort((a, b) => count(a) - count(b))[0];
  if (light === undefined) return undefined;
  const movable = active.some(
    (member) => !member.protected && (!zones.includes(member.zone) || count(member.zone) - count(light) >= 2),
  );
  const places = group.places.filter(({ zone }) => zone === light);
  const place = places[count(light) % places.length];
  if (!movable || !place) return undefined;
  return {
    place,
    cause: `At ${stamp(engine.clock.now())} availability zones ${zones.join(' ')} had ${zones.map(count).join(' ')} instances respectively. An instance was launched to aid in balancing the group's zones.`,
  };
}
