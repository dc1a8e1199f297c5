import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkActions } from './actions.ts';
import { findListener } from './listeners.ts';
import { type ListenerRecord, loadBalancers, type RuleRecord, rules } from './records.ts';

const LARGEST_PRIORITY = 50_000;

/** Throws ListenerNotFound, PriorityInUse, ValidationError and what checkActions throws. */
export function createRule(engine: Engine, spec: Omit<RuleRecord, 'arn'>): RuleRecord {
  const listener = findListener(engine, spec.listenerArn);
  checkPriority(spec.priority);
  if (rulesOf(engine, listener.arn).some(({ priority }) => priority === spec.priority))
    throw new ServiceError('PriorityInUse', `Priority '${spec.priority}' is currently in use`);
  checkRule(engine, listener, spec);
  const arn = `${listener.arn.replace(':listener/', ':listener-rule/')}/${engine.ids.hex(16)}`;
  return rules(engine).put(arn, { ...spec, arn });
}

/** Throws RuleNotFound, and what createRule throws. */
export function modifyRule(
  engine: Engine,
  arn: string,
  changes: Partial<Pick<RuleRecord, 'conditions' | 'actions'>>,
): RuleRecord {
  const changed = { ...findRule(engine, arn), ...changes };
  checkRule(engine, findListener(engine, changed.listenerArn), changed);
  return rules(engine).put(arn, changed);
}

function checkRule(engine: Engine, listener: ListenerRecord, rule: Omit<RuleRecord, 'arn'>): void {
  if (rule.conditions.length === 0)
    throw new ServiceError('ValidationError', 'A condition must be specified');
  const balancer = loadBalancers(engine).get(listener.loadBalancerArn);
  if (!balancer) throw new ServiceError('LoadBalancerNotFound', 'Load balancer not found');
  if (balancer.type === 'network')
    throw new ServiceError('UnsupportedProtocol', 'A network load balancer does not have rules');
  checkActions(engine, balancer, rule.actions);
}

/** All or none: those given exchange places among themselves. Throws RuleNotFound, PriorityInUse, ValidationError. */
export function setPriorities(engine: Engine, priorities: { arn: string; priority: number }[]): RuleRecord[] {
  const given = priorities.map(({ arn, priority }) => ({ rule: findRule(engine, arn), priority }));
  for (const { rule, priority } of given) {
    checkPriority(priority);
    const others = rulesOf(engine, rule.listenerArn).filter(
      (other) => !given.some((one) => one.rule.arn === other.arn),
    );
    const twice = given.filter(
      (one) => one.priority === priority && one.rule.listenerArn === rule.listenerArn,
    );
    if (twice.length > 1 || others.some((other) => other.priority === priority))
      throw new ServiceError('PriorityInUse', `Priority '${priority}' is currently in use`);
  }
  return given.map(({ rule, priority }) => rules(engine).patch(rule.arn, { priority }));
}

function checkPriority(priority: number): void {
  if (!(priority >= 1 && priority <= LARGEST_PRIORITY))
    throw new ServiceError('ValidationError', `Priority '${priority}' must be from 1 to ${LARGEST_PRIORITY}`);
}

/** Throws RuleNotFound. */
export function findRule(engine: Engine, arn: string): RuleRecord {
  const rule = rules(engine).get(arn);
  if (!rule) throw new ServiceError('RuleNotFound', `One or more rules not found: ${arn}`);
  return rule;
}

/** In the order in which they are tried; without the listener's default. */
export const rulesOf = (engine: Engine, listenerArn: string): RuleRecord[] =>
  rules(engine)
    .filter((rule) => rule.listenerArn === listenerArn)
    .sort((a, b) => a.priority - b.priority);
