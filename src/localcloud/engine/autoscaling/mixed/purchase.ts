import type { GroupRecord } from '../groups.ts';
import type { MemberRecord } from '../members.ts';
import type { MixedPolicy } from './policy.ts';
import { unitsOf, weightOf } from './variants.ts';

export type Purchase = 'on-demand' | 'spot';

/**
 * How the next instance is bought: on-demand up to the base and for its share of what is above it, rounded up in favour of
 * on-demand. Source: AWS InstancesDistribution.
 */
export function nextPurchase(mixed: MixedPolicy | undefined, active: MemberRecord[], weight = 1): Purchase {
  if (!mixed) return 'on-demand';
  const { base, percentage } = mixed.distribution;
  const units = unitsOf(active) + weight;
  const above = Math.max(0, units - base);
  const wanted = Math.min(units, base) + Math.ceil((above * percentage) / 100);
  return unitsOf(active.filter(({ spot }) => !spot)) < wanted ? 'on-demand' : 'spot';
}

/** Which purchase a scale-in takes first: of the one there is too much of. */
export function surplusPurchase(group: GroupRecord, active: MemberRecord[]): Purchase | undefined {
  const { mixed } = group;
  const onDemand = active.filter(({ spot }) => !spot);
  if (!mixed || onDemand.length === 0 || onDemand.length === active.length) return undefined;
  const { base, percentage } = mixed.distribution;
  const left = unitsOf(active) - weightOf(active[0] as MemberRecord);
  const wanted = Math.min(left, base) + Math.ceil((Math.max(0, left - base) * percentage) / 100);
  return unitsOf(onDemand) > wanted ? 'on-demand' : 'spot';
}
