import type { Engine } from '../engine.ts';
import { type ActionRecord, listeners, rules } from './records.ts';

/** The target groups that actions forward to. */
const forwardedTo = (actions: ActionRecord[]): string[] =>
  actions.flatMap(({ forward }) => forward?.targetGroups.map(({ arn }) => arn) ?? []);

/** The load balancers that have a listener or a rule that refers to a target group, by group. */
export function groupsInUse(engine: Engine): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  const use = (actions: ActionRecord[], loadBalancerArn: string) => {
    for (const group of forwardedTo(actions))
      used.set(group, (used.get(group) ?? new Set()).add(loadBalancerArn));
  };
  for (const { actions, loadBalancerArn } of listeners(engine).all()) use(actions, loadBalancerArn);
  for (const { actions, listenerArn } of rules(engine).all()) {
    const owner = listeners(engine).get(listenerArn);
    if (owner) use(actions, owner.loadBalancerArn);
  }
  return used;
}

export const loadBalancersOf = (engine: Engine, groupArn: string): string[] => [
  ...(groupsInUse(engine).get(groupArn) ?? []),
];

export const isInUse = (engine: Engine, groupArn: string) => groupsInUse(engine).has(groupArn);
