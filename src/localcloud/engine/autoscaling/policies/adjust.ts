import { invalid } from '../groups.ts';
import type { PolicyRecord, Step } from './record.ts';

/**
 * What a policy makes of a capacity, before the group's bounds. Percentages of less than one instance count as one, others are
 * rounded towards zero. Source: AWS "Scaling adjustment types".
 */
export function adjusted(
  capacity: number,
  adjustment: number,
  { adjustmentType, minMagnitude, minStep }: PolicyRecord,
): number {
  if (adjustmentType === 'ExactCapacity') return adjustment;
  if (adjustmentType === 'ChangeInCapacity') return capacity + adjustment;
  const change = (capacity * adjustment) / 100;
  const whole = Math.abs(change) < 1 ? Math.ceil(Math.abs(change)) : Math.floor(Math.abs(change));
  return capacity + Math.sign(adjustment) * Math.max(whole, minMagnitude ?? minStep ?? 0);
}

/**
 * The step whose interval holds the difference between metric and threshold: above it lower bounds belong to the interval, below it
 * upper ones. Undefined when none does.
 */
export function stepFor(steps: Step[], difference: number): Step | undefined {
  return steps.find(({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) =>
    difference >= 0 ? lower <= difference && difference < upper : lower < difference && difference <= upper,
  );
}

/** For ExecutePolicy, which names metric and threshold itself. Throws ValidationError. */
export function requireStep({ steps }: PolicyRecord, value: number, threshold: number): Step {
  const step = stepFor(steps, value - threshold);
  if (!step)
    throw invalid(`No step adjustment found for metric value ${value} and breach threshold ${threshold}`);
  return step;
}
