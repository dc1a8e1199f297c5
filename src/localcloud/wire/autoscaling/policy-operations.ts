import { requireGroup } from '../../engine/autoscaling/groups.ts';
import { executePolicy } from '../../engine/autoscaling/policies/execute.ts';
import { deletePolicy, putPolicy } from '../../engine/autoscaling/policies/put.ts';
import { alarmsOf, type PolicyRecord, policies } from '../../engine/autoscaling/policies/record.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';
import { readNumber, readPolicy } from './policy-request.ts';

export const PutScalingPolicy: Operation = (input, { engine }) => {
  const policy = putPolicy(engine, readPolicy(input));
  return { PolicyARN: policy.arn, Alarms: viewAlarms(engine, policy) };
};

export const DescribePolicies: Operation = (input, { engine }) => {
  const group = input.text('AutoScalingGroupName');
  if (group !== undefined) requireGroup(engine, group);
  const names = input.list('PolicyNames');
  const types = input.list('PolicyTypes');
  const found = policies(engine)
    .filter((policy) => group === undefined || policy.group === group)
    .filter(({ name, arn }) => names.length === 0 || names.includes(name) || names.includes(arn))
    .filter(({ type }) => types.length === 0 || types.includes(type));
  const { items, next } = pageOf(input, found);
  return { ScalingPolicies: items.map((policy) => viewPolicy(engine, policy)), NextToken: next };
};

export const DeletePolicy: Operation = (input, { engine }) =>
  deletePolicy(engine, input.text('AutoScalingGroupName'), input.require('PolicyName'));

export const ExecutePolicy: Operation = (input, { engine }) =>
  executePolicy(engine, {
    group: input.text('AutoScalingGroupName'),
    policy: input.require('PolicyName'),
    honorCooldown: input.bool('HonorCooldown') ?? false,
    value: readNumber(input, 'MetricValue'),
    threshold: readNumber(input, 'BreachThreshold'),
  });

export const DescribeAdjustmentTypes: Operation = () => ({
  AdjustmentTypes: ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'].map((type) => ({
    AdjustmentType: type,
  })),
});

/** AWS: ScalingPolicy. */
const viewPolicy = (engine: Engine, policy: PolicyRecord) => ({
  AutoScalingGroupName: policy.group,
  PolicyName: policy.name,
  PolicyARN: policy.arn,
  PolicyType: policy.type,
  AdjustmentType: policy.adjustmentType,
  MinAdjustmentStep: policy.minStep,
  MinAdjustmentMagnitude: policy.minMagnitude,
  ScalingAdjustment: policy.adjustment,
  Cooldown: policy.cooldown,
  StepAdjustments: policy.steps.map(({ lower, upper, adjustment }) => ({
    MetricIntervalLowerBound: lower,
    MetricIntervalUpperBound: upper,
    ScalingAdjustment: adjustment,
  })),
  MetricAggregationType: policy.aggregation ?? (policy.type === 'StepScaling' ? 'Average' : undefined),
  EstimatedInstanceWarmup: policy.warmup,
  Alarms: viewAlarms(engine, policy),
  TargetTrackingConfiguration: policy.tracking,
  PredictiveScalingConfiguration: policy.predictive,
  Enabled: policy.enabled,
});

const viewAlarms = (engine: Engine, policy: PolicyRecord) =>
  alarmsOf(engine, policy).map(({ name, arn }) => ({ AlarmName: name, AlarmARN: arn }));
