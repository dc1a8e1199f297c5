import { invalid } from '../groups.ts';
import type { PolicyRecord, PolicyType, Step, TrackingConfiguration } from './record.ts';

export type PolicyRequest = Omit<PolicyRecord, 'arn' | 'type' | 'own'> & { type?: string };

const TYPES: PolicyType[] = ['SimpleScaling', 'StepScaling', 'TargetTrackingScaling', 'PredictiveScaling'];
const ADJUSTMENTS = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];
const PREDEFINED = [
  'ASGAverageCPUUtilization',
  'ASGAverageNetworkIn',
  'ASGAverageNetworkOut',
  'ALBRequestCountPerTarget',
];
const MOST_STEPS = 20;

/** The type of a policy whose request makes sense. Throws ValidationError. Source: AWS PutScalingPolicy. */
export function checkPolicy(request: PolicyRequest): PolicyType {
  const type = TYPES.find((each) => each === (request.type ?? 'SimpleScaling'));
  if (!type) throw invalid(`Invalid policy type: ${request.type}. Valid types are ${TYPES.join(', ')}.`);
  if (type === 'TargetTrackingScaling') checkTracking(request.tracking);
  else if (type === 'PredictiveScaling') checkPredictive(request.predictive);
  else checkAdjustment(type, request);
  return type;
}

function checkAdjustment(type: PolicyType, request: PolicyRequest): void {
  const { adjustmentType, adjustment, steps, minMagnitude, minStep } = request;
  if (adjustmentType === undefined || !ADJUSTMENTS.includes(adjustmentType)) {
    throw invalid(`AdjustmentType must be one of ${ADJUSTMENTS.join(', ')}.`);
  }
  if ((minMagnitude ?? minStep) !== undefined && adjustmentType !== 'PercentChangeInCapacity') {
    throw invalid('MinAdjustmentMagnitude is only supported with PercentChangeInCapacity.');
  }
  if (type === 'SimpleScaling') {
    if (steps.length > 0) throw invalid('StepAdjustments can only be used with StepScaling.');
    if (adjustment === undefined) throw invalid('ScalingAdjustment must be specified for SimpleScaling.');
    return;
  }
  if (adjustment !== undefined) throw invalid('ScalingAdjustment can only be used with SimpleScaling.');
  if (request.cooldown !== undefined) throw invalid('Cooldown can only be used with SimpleScaling.');
  checkSteps(steps);
}

/** Intervals may neither overlap nor leave gaps; one at most is open at each end. */
function checkSteps(steps: Step[]): void {
  if (steps.length === 0) throw invalid('At least one StepAdjustment must be specified.');
  if (steps.length > MOST_STEPS) throw invalid(`At most ${MOST_STEPS} step adjustments are allowed.`);
  const low = ({ lower = Number.NEGATIVE_INFINITY }: Step) => lower;
  const high = ({ upper = Number.POSITIVE_INFINITY }: Step) => upper;
  const sorted = [...steps].sort((a, b) => low(a) - low(b));
  sorted.forEach((step, index) => {
    if (low(step) >= high(step)) throw invalid('The lower bound must be less than the upper bound.');
    const next = sorted[index + 1];
    if (next && high(step) > low(next)) throw invalid("StepAdjustment intervals can't overlap.");
    if (next && high(step) < low(next))
      throw invalid("StepAdjustment intervals can't have gaps between them.");
  });
}

function checkTracking(tracking: TrackingConfiguration | undefined): void {
  if (!tracking) throw invalid('TargetTrackingConfiguration must be specified for TargetTrackingScaling.');
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } = tracking;
  if (!predefined === !customized) {
    throw invalid(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.',
    );
  }
  if (!(tracking.TargetValue > 0)) throw invalid('TargetValue must be greater than 0.');
  if (predefined && !PREDEFINED.includes(predefined.PredefinedMetricType)) {
    throw invalid(`Invalid predefined metric type: ${predefined.PredefinedMetricType}`);
  }
  if (predefined?.PredefinedMetricType === 'ALBRequestCountPerTarget' && !predefined.ResourceLabel) {
    throw invalid('ResourceLabel must be specified for ALBRequestCountPerTarget.');
  }
  if (!customized || customized.Metrics?.length) return;
  if (!customized.MetricName || !customized.Namespace || !customized.Statistic) {
    throw invalid('A customized metric needs MetricName, Namespace and Statistic, or Metrics.');
  }
}

function checkPredictive(predictive: Record<string, unknown> | undefined): void {
  if (!Array.isArray(predictive?.MetricSpecifications)) {
    throw invalid('PredictiveScalingConfiguration must contain MetricSpecifications.');
  }
}
