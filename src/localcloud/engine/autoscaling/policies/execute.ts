import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { invalid, requireLiveGroup } from '../groups.ts';
import { requireStep } from './adjust.ts';
import { applySimple, applyStep } from './apply.ts';
import { requirePolicy } from './record.ts';

export interface Execution {
  group?: string;
  policy: string;
  honorCooldown: boolean;
  value?: number;
  threshold?: number;
}

/**
 * ExecutePolicy. Throws ValidationError, and ScalingActivityInProgress when a simple policy is to honour a cooldown that is not
 * over.
 */
export function executePolicy(engine: Engine, execution: Execution): void {
  const policy = requirePolicy(engine, execution.group, execution.policy);
  const group = requireLiveGroup(engine, policy.group);
  const why = `a user request executed policy ${policy.name}`;
  if (policy.type === 'SimpleScaling') {
    const free = execution.honorCooldown ? group : { ...group, cooldownUntil: undefined };
    if (applySimple(engine, free, policy, why)) return;
    throw new ServiceError(
      'ScalingActivityInProgress',
      'Scaling activity is in cooldown and blocks this action',
    );
  }
  if (policy.type !== 'StepScaling') throw invalid(`A policy of type ${policy.type} cannot be executed.`);
  const { value, threshold } = execution;
  if (value === undefined || threshold === undefined) {
    throw invalid('MetricValue and BreachThreshold must be specified for StepScaling.');
  }
  const { adjustment } = requireStep(policy, value, threshold);
  applyStep(engine, group, policy, { adjustment, why });
}
