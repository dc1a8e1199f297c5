import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { beginActivity, endActivity } from './activities.ts';
import { requireActive, requireRest } from './groups.ts';
import { type EssGroup, essGroups, findEssGroup } from './records.ts';

interface StepAdjustment {
  lower?: number;
  upper?: number;
  adjustment: number;
}

export interface EssRule {
  ruleId: string;
  groupId: string;
  name: string;
  type: 'SimpleScalingRule' | 'StepScalingRule' | 'TargetTrackingScalingRule';
  adjustmentType?: string;
  adjustment?: number;
  /** Percentages change at least so many. */
  minMagnitude?: number;
  /** Seconds; holds for alarms, not for whoever executes the rule himself. */
  cooldown?: number;
  steps: StepAdjustment[];
  /** Of a rule that tracks a metric: kept and shown; the local cloud has no monitoring of ECS that would feed it. */
  metric?: { name: string; target: number; disableScaleIn: boolean };
}

export const essRules = (engine: Engine) => engine.store.table<EssRule>('essRules');

/** How a rule is named where it is called: by scheduled tasks and by ExecuteScalingRule. */
export const ruleAri = (engine: Engine, { ruleId }: EssRule): string =>
  `ari:acs:ess:${engine.region}:${engine.account.padStart(16, '0')}:scalingrule/${ruleId}`;

/** Throws InvalidScalingRuleId.NotFound. */
export function findRule(engine: Engine, ruleId: string): EssRule {
  const found = essRules(engine).get(ruleId);
  if (found) return found;
  throw new ServiceError(
    'InvalidScalingRuleId.NotFound',
    `The specified scaling rule ${ruleId} does not exist.`,
    404,
  );
}

export const ruleOfAri = (engine: Engine, ari: string): EssRule =>
  findRule(engine, ari.split('scalingrule/')[1] ?? ari);

const ADJUSTMENTS = ['QuantityChangeInCapacity', 'PercentChangeInCapacity', 'TotalCapacity'];

/** Throws InvalidScalingRuleName.Duplicate, InvalidParameter, MissingParameter. */
export function putRule(engine: Engine, rule: EssRule): EssRule {
  findEssGroup(engine, rule.groupId);
  const twin = essRules(engine).filter(
    ({ ruleId, groupId, name }) => groupId === rule.groupId && name === rule.name && ruleId !== rule.ruleId,
  );
  if (twin.length > 0)
    throw new ServiceError('InvalidScalingRuleName.Duplicate', 'The scaling rule name already exists.');
  const missing = (name: string) =>
    new ServiceError(`MissingParameter.${name}`, `${name} is mandatory for this action.`);
  if (rule.type === 'TargetTrackingScalingRule') {
    if (!rule.metric) throw missing('MetricName');
  } else if (!ADJUSTMENTS.includes(rule.adjustmentType ?? '')) {
    throw new ServiceError('InvalidParameter.AdjustmentType', 'The specified AdjustmentType is not valid.');
  } else if (rule.type === 'SimpleScalingRule' && rule.adjustment === undefined) {
    throw missing('AdjustmentValue');
  } else if (rule.type === 'StepScalingRule' && rule.steps.length === 0) throw missing('StepAdjustments');
  return essRules(engine).put(rule.ruleId, rule);
}

/**
 * Whoever executes a rule himself does not wait for its cooldown. Returns the activity's id. Throws IncorrectScalingGroupStatus,
 * ScalingActivityInProgress, InvalidScalingRule for one that tracks a metric, MissingParameter for a step rule's values.
 */
export function executeRule(
  engine: Engine,
  rule: EssRule,
  values: { metric?: number; threshold?: number } = {},
): string {
  const group = requireActive(findEssGroup(engine, rule.groupId));
  requireRest(engine, rule.groupId);
  const adjustment = adjustmentOf(rule, values);
  const wanted = adjusted(group.desired, adjustment, rule);
  const desired = Math.min(Math.max(wanted, group.min), group.max);
  return setDesired(engine, group, desired, `A user requests to execute scaling rule "${rule.ruleId}"`);
}

function adjustmentOf(rule: EssRule, { metric, threshold }: { metric?: number; threshold?: number }): number {
  if (rule.type === 'TargetTrackingScalingRule')
    throw new ServiceError('InvalidScalingRule', 'A target tracking scaling rule cannot be executed.');
  if (rule.type === 'SimpleScalingRule') return rule.adjustment!;
  if (metric === undefined || threshold === undefined)
    throw new ServiceError(
      'MissingParameter.MetricValue',
      'MetricValue and BreachThreshold are mandatory for a step scaling rule.',
    );
  const by = metric - threshold;
  const step = rule.steps.find(
    ({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) => lower <= by && by < upper,
  );
  return step?.adjustment ?? 0;
}

/** Percentages of less than one instance count as one. */
function adjusted(capacity: number, value: number, { adjustmentType, minMagnitude = 1 }: EssRule): number {
  if (adjustmentType === 'TotalCapacity') return value;
  if (adjustmentType === 'QuantityChangeInCapacity') return capacity + value;
  if (value === 0) return capacity;
  const change = Math.max(minMagnitude, Math.floor(Math.abs(capacity * value) / 100));
  return capacity + Math.sign(value) * change;
}

/** One activity says what was decided; what the group does about it has its own. */
export function setDesired(engine: Engine, group: EssGroup, desired: number, who: string): string {
  const activityId = beginActivity(engine, group.groupId, {
    description: `Change the desired capacity to "${desired}"`,
    cause: `${who}, changing the Total Capacity from "${group.desired}" to "${desired}".`,
  });
  essGroups(engine).patch(group.groupId, { desired, launchAfter: undefined });
  endActivity(engine, activityId, 'Successful');
  return activityId;
}
