import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import {
  type EssRule,
  essRules,
  executeRule,
  findRule,
  putRule,
  ruleAri,
  ruleOfAri,
} from '../../../engine/ess/rules.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { onceFor, oneOf } from './input.ts';

const TYPES = ['SimpleScalingRule', 'StepScalingRule', 'TargetTrackingScalingRule'] as const;

/** Throws InvalidParameter.<name>. */
function decimal(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new ServiceError(`InvalidParameter.${name}`, `The specified ${name} is not a number.`);
}

/** What a request says of a rule; the rest as it was. */
function ruleOf(input: Input, before: EssRule): EssRule {
  const steps = input.objects('StepAdjustments').map((step) => ({
    lower: decimal(step, 'MetricIntervalLowerBound'),
    upper: decimal(step, 'MetricIntervalUpperBound'),
    adjustment: step.requireInt('ScalingAdjustment'),
  }));
  const metric = input.text('MetricName') ?? before.metric?.name;
  return {
    ...before,
    name: input.text('ScalingRuleName') ?? before.name,
    type: oneOf(input, 'ScalingRuleType', TYPES) ?? before.type,
    adjustmentType: input.text('AdjustmentType') ?? before.adjustmentType,
    adjustment: input.int('AdjustmentValue') ?? before.adjustment,
    minMagnitude: input.int('MinAdjustmentMagnitude') ?? before.minMagnitude,
    cooldown: input.int('Cooldown') ?? before.cooldown,
    steps: steps.length > 0 ? steps : before.steps,
    metric:
      metric === undefined
        ? undefined
        : {
            name: metric,
            target: decimal(input, 'TargetValue') ?? before.metric?.target ?? 0,
            disableScaleIn: input.bool('DisableScaleIn') ?? before.metric?.disableScaleIn ?? false,
          },
  };
}

const CreateScalingRule: Operation = (input, { engine }) => {
  const ruleId = engine.ids.resource('asr');
  const groupId = input.require('ScalingGroupId');
  const fresh: EssRule = { ruleId, groupId, name: ruleId, type: 'SimpleScalingRule', steps: [] };
  const rule = putRule(engine, ruleOf(input, fresh));
  return { ScalingRuleId: rule.ruleId, ScalingRuleAri: ruleAri(engine, rule) };
};

const ModifyScalingRule: Operation = (input, { engine }) => {
  putRule(engine, ruleOf(input, findRule(engine, input.require('ScalingRuleId'))));
  return {};
};

const DeleteScalingRule: Operation = (input, { engine }) => {
  essRules(engine).delete(findRule(engine, input.require('ScalingRuleId')).ruleId);
  return {};
};

const ExecuteScalingRule: Operation = (input, { engine }) => ({
  ScalingActivityId: onceFor(engine, 'ExecuteScalingRule', input, () =>
    executeRule(engine, ruleOfAri(engine, input.require('ScalingRuleAri')), {
      metric: decimal(input, 'MetricValue'),
      threshold: decimal(input, 'BreachThreshold'),
    }),
  ),
});

function ruleView(engine: Engine, rule: EssRule): object {
  return {
    ScalingRuleId: rule.ruleId,
    ScalingRuleAri: ruleAri(engine, rule),
    ScalingRuleName: rule.name,
    ScalingGroupId: rule.groupId,
    ScalingRuleType: rule.type,
    AdjustmentType: rule.adjustmentType,
    AdjustmentValue: rule.adjustment,
    MinAdjustmentMagnitude: rule.minMagnitude,
    Cooldown: rule.cooldown,
    StepAdjustments: rule.steps.map(({ lower, upper, adjustment }) => ({
      MetricIntervalLowerBound: lower,
      MetricIntervalUpperBound: upper,
      ScalingAdjustment: adjustment,
    })),
    MetricName: rule.metric?.name,
    TargetValue: rule.metric?.target,
    DisableScaleIn: rule.metric?.disableScaleIn,
  };
}

const DescribeScalingRules: Operation = (input, { engine }) => {
  const groupId = input.text('ScalingGroupId');
  const ids = input.list('ScalingRuleIds');
  const names = input.list('ScalingRuleNames');
  const type = input.text('ScalingRuleType');
  const found = essRules(engine).filter(
    (rule) =>
      (groupId === undefined || rule.groupId === groupId) &&
      (ids.length === 0 || ids.includes(rule.ruleId)) &&
      (names.length === 0 || names.includes(rule.name)) &&
      (type === undefined || rule.type === type),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return { ...page, ScalingRules: items.map((rule) => ruleView(engine, rule)) };
};

export const ruleOperations: Record<string, Operation> = {
  CreateScalingRule,
  ModifyScalingRule,
  DeleteScalingRule,
  ExecuteScalingRule,
  DescribeScalingRules,
};
