import type { Engine } from '../engine.ts';
import { type GroupRecord, type Place, zonesOf } from './groups.ts';
import { isActive, type MemberRecord, membersOf, poolOf } from './members.ts';
import { activeRefresh, isReplacing } from './refresh/record.ts';
import { judge } from './refresh/view.ts';

/**
 * One place per zone: the zone with fewest members first, and in each the subnet whose turn it is. While a refresh replaces
 * instances those that will stay count first, so that the zones are even when it is done. For the pool, its own members count too.
 */
export function placesByNeed(engine: Engine, group: GroupRecord, warm: boolean): Place[] {
  const live = membersOf(engine, group.name).filter(isActive);
  const around = warm ? [...live, ...poolOf(engine, group.name)] : live;
  const staying = around.filter(staysOf(engine, group));
  const counted = zonesOf(group).map((zone) => {
    const places = group.places.filter((place) => place.zone === zone);
    const count = countIn(around, zone);
    return { stay: countIn(staying, zone), count, place: places[count % places.length] as Place };
  });
  return counted.sort((a, b) => a.stay - b.stay || a.count - b.count).map(({ place }) => place);
}

const countIn = (members: MemberRecord[], zone: string) =>
  members.filter((member) => member.zone === zone).length;

function staysOf(engine: Engine, group: GroupRecord): (member: MemberRecord) => boolean {
  const refresh = activeRefresh(engine, group.name);
  if (!refresh || !isReplacing(refresh)) return () => true;
  const fate = judge(engine, refresh);
  return (member) => fate(member) === 'new' || fate(member) === 'keep';
}
