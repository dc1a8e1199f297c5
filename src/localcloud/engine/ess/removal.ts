import type { Engine } from '../engine.ts';
import { type EssGroup, type EssMember, membersOf } from './records.ts';

type Order = (a: EssMember, b: EssMember) => number;

/** Instances that were attached have no configuration, so no old one. */
const version = ({ template }: EssMember) => template?.version ?? Number.POSITIVE_INFINITY;

/** Source: ESS, "Instance removal policies". */
const ORDERS: Record<string, Order> = {
  OldestScalingConfiguration: (a, b) => (version(a) === version(b) ? 0 : version(a) - version(b)),
  OldestInstance: (a, b) => a.addedAt - b.addedAt,
  NewestInstance: (a, b) => b.addedAt - a.addedAt,
};

/** Whom a scale-in takes, first to last. Protected instances and those in standby never are taken. */
export function victims(engine: Engine, group: EssGroup): EssMember[] {
  const orders = group.removalPolicies.flatMap((name) => ORDERS[name] ?? []);
  return membersOf(engine, group.groupId)
    .filter(({ state }) => state === 'InService' || state === 'Pending' || state === 'Pending:Wait')
    .sort((a, b) => {
      for (const order of orders) {
        const by = order(a, b);
        if (by !== 0) return by;
      }
      return 0;
    });
}
