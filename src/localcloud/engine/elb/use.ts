import type { Engine } from '../engine.ts';
import { type ActionRecord, listeners, rules } from './records.ts';

/** The target groups that actions forward to. */
export const forwardedTo = (actions: ActionRecord[]): string[] =>
  actions.flatMap(({ forward }) => forward?.targetGroups.map(({ arn }) => arn) ?? []);

/** Load balancers with a listener or a rule that refers to the group. */
export function loadBalancersOf(engine: Engine, groupArn: string): string[] {
  const using = listeners(engine).filter(
    ({ arn, actions }) =>
      forwardedTo(actions).includes(groupArn) ||
      rules(engine)
        .all()
        .some((rule) => rule.listenerArn === arn && forwardedTo(rule.actions).includes(groupArn)),
  );
  return [...new Set(using.map(({ loadBalancerArn }) => loadBalancerArn))];
}

export const isInUse = (engine: Engine, groupArn: string) => loadBalancersOf(engine, groupArn).length > 0;
