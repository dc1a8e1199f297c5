import { findListener } from '../../engine/elb/listeners.ts';
import { type ListenerRecord, listeners, type RuleRecord, rules } from '../../engine/elb/records.ts';
import { createRule, findRule, modifyRule, rulesOf, setPriorities } from '../../engine/elb/rules.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { readActions, viewAction } from './action-shapes.ts';
import { readConditions, viewCondition } from './condition-shapes.ts';
import { pageOf, readTags } from './shapes.ts';

export const CreateRule: Operation = (input, { engine }) => {
  const rule = createRule(engine, {
    listenerArn: input.require('ListenerArn'),
    priority: input.requireInt('Priority'),
    conditions: readConditions(input),
    actions: readActions(input, 'Actions'),
    tags: readTags(input),
  });
  return { Rules: [view(rule)] };
};

export const ModifyRule: Operation = (input, { engine }) => {
  const before = findRule(engine, notDefault(engine, input.require('RuleArn')));
  const rule = modifyRule(engine, before.arn, {
    conditions: input.has('Conditions') ? readConditions(input) : before.conditions,
    actions: input.has('Actions') ? readActions(input, 'Actions') : before.actions,
  });
  return { Rules: [view(rule)] };
};

export const DeleteRule: Operation = (input, { engine }) =>
  rules(engine).delete(findRule(engine, notDefault(engine, input.require('RuleArn'))).arn);

export const SetRulePriorities: Operation = (input, { engine }) => {
  const priorities = input.objects('RulePriorities').map((pair) => ({
    arn: notDefault(engine, pair.require('RuleArn')),
    priority: pair.requireInt('Priority'),
  }));
  return { Rules: setPriorities(engine, priorities).map(view) };
};

/** A listener's default action is its last rule. */
export const DescribeRules: Operation = (input, { engine }) => {
  const arns = input.list('RuleArns');
  const listenerArn = input.text('ListenerArn');
  const found =
    listenerArn === undefined
      ? arns.map((arn) => {
          const owner = listeners(engine).filter((one) => defaultRuleArn(one) === arn)[0];
          return owner ? viewDefault(owner) : view(findRule(engine, arn));
        })
      : allOf(engine, findListener(engine, listenerArn));
  const { items, next } = pageOf(input, found);
  return { Rules: items, NextMarker: next };
};

const allOf = (engine: Engine, listener: ListenerRecord) => [
  ...rulesOf(engine, listener.arn).map(view),
  viewDefault(listener),
];

/** The default rule is changed by ModifyListener alone. Throws OperationNotPermitted. */
function notDefault(engine: Engine, arn: string): string {
  if (
    listeners(engine)
      .all()
      .some((listener) => defaultRuleArn(listener) === arn)
  )
    throw new ServiceError('OperationNotPermitted', `Default rule '${arn}' cannot be changed here`);
  return arn;
}

/** The digits of its listener once more: nothing of it has to be kept. */
const defaultRuleArn = ({ arn }: ListenerRecord) =>
  `${arn.replace(':listener/', ':listener-rule/')}/${arn.split('/').at(-1)}`;

const viewDefault = (listener: ListenerRecord) => ({
  RuleArn: defaultRuleArn(listener),
  Priority: 'default',
  Conditions: [],
  Actions: listener.actions.map(viewAction),
  IsDefault: true,
});

const view = (rule: RuleRecord) => ({
  RuleArn: rule.arn,
  Priority: String(rule.priority),
  Conditions: rule.conditions.map(viewCondition),
  Actions: rule.actions.map(viewAction),
  IsDefault: false,
});
