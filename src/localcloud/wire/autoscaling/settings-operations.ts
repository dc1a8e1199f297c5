import { groups } from '../../engine/autoscaling/groups.ts';
import { disableMetrics, enableMetrics, METRICS } from '../../engine/autoscaling/metrics.ts';
import { PROCESSES, resumeProcesses, suspendProcesses } from '../../engine/autoscaling/processes.ts';
import { TERMINATION_POLICIES } from '../../engine/autoscaling/victims.ts';
import type { Operation } from '../service.ts';

export const SuspendProcesses: Operation = (input, { engine }) =>
  suspendProcesses(engine, input.require('AutoScalingGroupName'), input.list('ScalingProcesses'));

export const ResumeProcesses: Operation = (input, { engine }) =>
  resumeProcesses(engine, input.require('AutoScalingGroupName'), input.list('ScalingProcesses'));

export const DescribeScalingProcessTypes: Operation = () => ({
  Processes: PROCESSES.map((process) => ({ ProcessName: process })),
});

export const EnableMetricsCollection: Operation = (input, { engine }) =>
  enableMetrics(
    engine,
    input.require('AutoScalingGroupName'),
    input.list('Metrics'),
    input.require('Granularity'),
  );

export const DisableMetricsCollection: Operation = (input, { engine }) =>
  disableMetrics(engine, input.require('AutoScalingGroupName'), input.list('Metrics'));

export const DescribeMetricCollectionTypes: Operation = () => ({
  Metrics: METRICS.map((metric) => ({ Metric: metric })),
  Granularities: [{ Granularity: '1Minute' }],
});

export const DescribeTerminationPolicyTypes: Operation = () => ({
  TerminationPolicyTypes: TERMINATION_POLICIES,
});

/** The limits that a new account has. Source: AWS "Quotas for Amazon EC2 Auto Scaling". */
export const DescribeAccountLimits: Operation = (_input, { engine }) => ({
  MaxNumberOfAutoScalingGroups: 500,
  MaxNumberOfLaunchConfigurations: 200,
  NumberOfAutoScalingGroups: groups(engine).size,
  NumberOfLaunchConfigurations: 0,
});
