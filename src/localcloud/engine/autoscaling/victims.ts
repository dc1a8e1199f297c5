import type { Engine } from '../engine.ts';
import type { GroupRecord } from './groups.ts';
import { isActive, type MemberRecord, membersOf } from './members.ts';

type Order = (a: MemberRecord, b: MemberRecord) => number;

const oldest: Order = (a, b) => a.launchedAt - b.launchedAt;

/** Members that do not run the group's template go first, then the lower version. */
const oldestTemplate =
  (group: GroupRecord): Order =>
  (a, b) =>
    templateAge(group, a) - templateAge(group, b);

const templateAge = (group: GroupRecord, { template }: MemberRecord) =>
  template?.id === group.template.id ? Number(template.version) : -1;

const POLICIES: Record<string, (group: GroupRecord) => Order> = {
  Default: (group) => byAll([oldestTemplate(group), oldest]),
  OldestInstance: () => oldest,
  NewestInstance: () => (a, b) => oldest(b, a),
  OldestLaunchTemplate: oldestTemplate,
  OldestLaunchConfiguration: () => () => 0,
  ClosestToNextInstanceHour: () => oldest,
  AllocationStrategy: () => () => 0,
};

export const TERMINATION_POLICIES = Object.keys(POLICIES);

const byAll =
  (orders: Order[]): Order =>
  (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };

/**
 * Which of the candidates go first: each time from the zone that has most members left, within it by the group's
 * termination policies. `first` comes before both. Source: AWS "Control which instances terminate during scale in".
 */
export function selectVictims(
  engine: Engine,
  group: GroupRecord,
  candidates: MemberRecord[],
  count: number,
  first: (member: MemberRecord) => number = () => 0,
): MemberRecord[] {
  const inZone = new Map<string, number>();
  for (const { zone } of membersOf(engine, group.name).filter(isActive)) {
    inZone.set(zone, (inZone.get(zone) ?? 0) + 1);
  }
  const order = byAll([
    (a, b) => first(a) - first(b),
    (a, b) => (inZone.get(b.zone) ?? 0) - (inZone.get(a.zone) ?? 0),
    ...group.terminationPolicies.map((policy) => (POLICIES[policy] ?? (() => () => 0))(group)),
    oldest,
  ]);
  const left = [...candidates];
  const chosen: MemberRecord[] = [];
  while (chosen.length < count && left.length > 0) {
    const victim = left.reduce((best, member) => (order(member, best) < 0 ? member : best));
    left.splice(left.indexOf(victim), 1);
    chosen.push(victim);
    inZone.set(victim.zone, (inZone.get(victim.zone) ?? 0) - 1);
  }
  return chosen;
}
