import { invalid } from '../../engine/autoscaling/groups.ts';
import type { PolicyRequest } from '../../engine/autoscaling/policies/check.ts';
import type { TrackingConfiguration } from '../../engine/autoscaling/policies/record.ts';
import type { MetricDataQuery } from '../../engine/cloudwatch/queries.ts';
import type { Input } from '../input.ts';

/** AWS: PutScalingPolicyType. */
export const readPolicy = (input: Input): PolicyRequest => ({
  group: input.require('AutoScalingGroupName'),
  name: input.require('PolicyName'),
  type: input.text('PolicyType'),
  adjustmentType: input.text('AdjustmentType'),
  minMagnitude: input.int('MinAdjustmentMagnitude'),
  minStep: input.int('MinAdjustmentStep'),
  adjustment: input.int('ScalingAdjustment'),
  cooldown: input.int('Cooldown'),
  aggregation: input.text('MetricAggregationType'),
  steps: input.objects('StepAdjustments').map((step) => ({
    lower: readNumber(step, 'MetricIntervalLowerBound'),
    upper: readNumber(step, 'MetricIntervalUpperBound'),
    adjustment: step.requireInt('ScalingAdjustment'),
  })),
  warmup: input.int('EstimatedInstanceWarmup'),
  tracking: readTracking(input.object('TargetTrackingConfiguration')),
  predictive: input.object('PredictiveScalingConfiguration')?.values,
  enabled: input.bool('Enabled') ?? true,
});

function readTracking(input: Input | undefined): TrackingConfiguration | undefined {
  if (!input) return undefined;
  const predefined = input.object('PredefinedMetricSpecification');
  const customized = input.object('CustomizedMetricSpecification');
  return {
    PredefinedMetricSpecification: predefined && {
      PredefinedMetricType: predefined.require('PredefinedMetricType'),
      ResourceLabel: predefined.text('ResourceLabel'),
    },
    CustomizedMetricSpecification: customized && {
      MetricName: customized.text('MetricName'),
      Namespace: customized.text('Namespace'),
      Dimensions: customized.has('Dimensions') ? readDimensions(customized) : undefined,
      Statistic: customized.text('Statistic'),
      Unit: customized.text('Unit'),
      Period: customized.int('Period'),
      Metrics: customized.has('Metrics') ? customized.objects('Metrics').map(readQuery) : undefined,
    },
    TargetValue: readNumber(input, 'TargetValue') ?? 0,
    DisableScaleIn: input.bool('DisableScaleIn') ?? false,
  };
}

const readDimensions = (input: Input) =>
  input.objects('Dimensions').map((each) => ({ Name: each.require('Name'), Value: each.require('Value') }));

/** AWS: TargetTrackingMetricDataQuery. */
function readQuery(input: Input): MetricDataQuery {
  const stat = input.object('MetricStat');
  const metric = stat?.object('Metric');
  return {
    Id: input.require('Id'),
    Expression: input.text('Expression'),
    MetricStat: stat && {
      Metric: {
        Namespace: metric?.text('Namespace') ?? '',
        MetricName: metric?.text('MetricName') ?? '',
        Dimensions: metric?.has('Dimensions') ? readDimensions(metric) : undefined,
      },
      Stat: stat.require('Stat'),
      Unit: stat.text('Unit'),
      Period: stat.int('Period'),
    },
    Label: input.text('Label'),
    Period: input.int('Period'),
    ReturnData: input.bool('ReturnData'),
  };
}

export function readNumber(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw invalid(`${text} is not a valid value for ${name}`);
  return value;
}
