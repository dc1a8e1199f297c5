import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { sentence } from './activities.ts';
import { groups, invalid, requireLiveGroup } from './groups.ts';

/** SetDesiredCapacity. Throws ValidationError, and ScalingActivityInProgress when the cooldown is to be honoured. */
export function setDesiredCapacity(
  engine: Engine,
  name: string,
  desired: number,
  honorCooldown: boolean,
): void {
  const group = requireLiveGroup(engine, name);
  const now = engine.clock.now();
  if (desired > group.max) {
    throw invalid(
      `New SetDesiredCapacity value ${desired} is above max value ${group.max} for the AutoScalingGroup.`,
    );
  }
  if (desired < group.min) {
    throw invalid(
      `New SetDesiredCapacity value ${desired} is below min value ${group.min} for the AutoScalingGroup.`,
    );
  }
  if (honorCooldown && now < group.scaledAt + engine.latency.scale(group.defaultCooldown * 1000)) {
    throw new ServiceError(
      'ScalingActivityInProgress',
      `Scaling activity is in cooldown and blocks this action`,
    );
  }
  if (desired === group.desired) return;
  groups(engine).patch(name, {
    desired,
    scaledAt: now,
    backoff: undefined,
    reason: sentence(
      now,
      `a user request explicitly set group desired capacity changing the desired capacity from ${group.desired} to ${desired}`,
    ),
  });
}
