import type { Cloud, Forwarding, ForwardingWeight } from '../../clouds/cloud.ts';
import type { Route } from './route.ts';

export type Pairs = Extract<Route, { kind: 'weights' }>['pairs'];

/** Every listener and rule that sends to either colour. */
export const forwardingsOf = (cloud: Cloud, pairs: Pairs): Promise<Forwarding[]> =>
  cloud.traffic.forwardings(pairs.flatMap(({ from, to }) => [from.arn, to.arn]));

/**
 * The weights of one listener or rule with `percent` of the two colours' requests going to the new one. Target groups that are not of
 * the colours keep their weight, and the two together keep theirs. Pure.
 */
export function weightsAt(forwarding: Forwarding, pairs: Pairs, percent: number): ForwardingWeight[] {
  const arns = new Map(forwarding.weights.map(({ targetGroup, weight }) => [targetGroup, weight]));
  const own = pairs.filter(({ from, to }) => arns.has(from.arn) || arns.has(to.arn));
  const ours = new Set(own.flatMap(({ from, to }) => [from.arn, to.arn]));
  const others = forwarding.weights.filter(({ targetGroup }) => !ours.has(targetGroup));
  const divided = own.flatMap(({ from, to }) => {
    const total = (arns.get(from.arn) ?? 0) + (arns.get(to.arn) ?? 0);
    // Alone, a pair's weights mean nothing but their ratio; beside others, or with another pair, their sum does.
    const whole = others.length === 0 && own.length === 1 ? 100 : total;
    const share = Math.round((whole * percent) / 100);
    return [
      { targetGroup: from.arn, weight: whole - share },
      { targetGroup: to.arn, weight: share },
    ];
  });
  return [...others, ...divided];
}

/** What part of the two colours' requests goes to the new one, per cent: the least that any listener or rule sends there. Pure. */
export function percentOf(forwardings: Forwarding[], pairs: Pairs): number {
  const shares = forwardings.map(({ weights }) => {
    const sum = (side: 'from' | 'to') =>
      weights
        .filter(({ targetGroup }) => pairs.some((pair) => pair[side].arn === targetGroup))
        .reduce((total, { weight }) => total + weight, 0);
    const [from, to] = [sum('from'), sum('to')];
    return from + to === 0 ? 0 : Math.floor((to * 100) / (from + to));
  });
  return Math.min(100, ...shares);
}
