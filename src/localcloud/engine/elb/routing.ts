import type { Engine } from '../engine.ts';
import type { ActionRecord, TargetRecord } from './records.ts';
import { healthOf, targetsOf } from './targets.ts';

/** What a load balancer remembers from request to request: it belongs to the process, and starts anew with it. */
export interface Turns {
  /** By target group, for weights. */
  credits: Map<string, number>;
  /** By target group: how many requests it has had. */
  requests: Map<string, number>;
}

export const newTurns = (): Turns => ({ credits: new Map(), requests: new Map() });

/**
 * The target of the next request, or undefined when there is none. The groups take turns by weight, as evenly as possible; so do
 * a group's healthy targets. If all of them are unhealthy, all get requests: that is what the clouds do.
 */
export function nextTarget(engine: Engine, action: ActionRecord, turns: Turns): TargetRecord | undefined {
  const groupArn = nextGroup(action.forward?.targetGroups ?? [], turns);
  if (groupArn === undefined) return undefined;
  const all = targetsOf(engine, groupArn).map((target) => ({
    target,
    state: healthOf(engine, target).state,
  }));
  const healthy = all.filter(({ state }) => state === 'healthy');
  const able = healthy.length > 0 ? healthy : all.filter(({ state }) => state === 'unhealthy');
  const turn = turns.requests.get(groupArn) ?? 0;
  turns.requests.set(groupArn, turn + 1);
  return able[turn % able.length]?.target;
}

const nextGroup = (groups: { arn: string; weight: number }[], { credits }: Turns): string | undefined =>
  nextByWeight(
    groups.map(({ arn, weight }) => ({ key: arn, weight })),
    credits,
  );

/** Smooth weighted round robin: of 2 to 1, a b a, a b a. What weighs nothing has no turn. */
export function nextByWeight(
  all: { key: string; weight: number }[],
  credits: Map<string, number>,
): string | undefined {
  const weighted = all.filter(({ weight }) => weight > 0);
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let best: string | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const { key, weight } of weighted) {
    const credit = (credits.get(key) ?? 0) + weight;
    credits.set(key, credit);
    if (credit > most) {
      best = key;
      most = credit;
    }
  }
  if (best !== undefined) credits.set(best, most - total);
  return best;
}
