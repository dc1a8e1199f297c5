import type { Engine } from '../../engine.ts';
import type { GroupRecord } from '../groups.ts';
import { membersOf, warmAt } from '../members.ts';
import { unitsOf } from '../mixed/variants.ts';
import type { PolicyRecord } from './record.ts';

/** How long a policy lets a new instance warm up before it counts, milliseconds at the engine's speed. */
export const warmupOf = (engine: Engine, group: GroupRecord, policy: PolicyRecord): number =>
  engine.latency.scale(1000 * (policy.warmup ?? group.defaultInstanceWarmup ?? group.defaultCooldown));

/** Units of capacity that already bear their part of the load. */
export function warmUnits(engine: Engine, group: GroupRecord, policy: PolicyRecord): number {
  const warmup = warmupOf(engine, group, policy);
  const now = engine.clock.now();
  const warm = membersOf(engine, group.name).filter((member) => (warmAt(member, warmup) ?? now + 1) <= now);
  return Math.min(unitsOf(warm), group.desired);
}
