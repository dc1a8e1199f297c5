import { alarms } from '../../cloudwatch/alarm-records.ts';
import type { MetricDataQuery } from '../../cloudwatch/queries.ts';
import type { Engine } from '../../engine.ts';
import { invalid } from '../groups.ts';

export type PolicyType = 'SimpleScaling' | 'StepScaling' | 'TargetTrackingScaling' | 'PredictiveScaling';

/** Bounds are differences from the alarm's threshold; absent: infinite. */
export interface Step {
  lower?: number;
  upper?: number;
  adjustment: number;
}

/** AWS: TargetTrackingConfiguration, named as on the wire. */
export interface TrackingConfiguration {
  PredefinedMetricSpecification?: { PredefinedMetricType: string; ResourceLabel?: string };
  CustomizedMetricSpecification?: {
    MetricName?: string;
    Namespace?: string;
    Dimensions?: { Name: string; Value: string }[];
    Statistic?: string;
    Unit?: string;
    /** Seconds. */
    Period?: number;
    Metrics?: MetricDataQuery[];
  };
  TargetValue: number;
  DisableScaleIn: boolean;
}

/** AWS: ScalingPolicy. Times in seconds. */
export interface PolicyRecord {
  group: string;
  name: string;
  arn: string;
  type: PolicyType;
  adjustmentType?: string;
  minMagnitude?: number;
  /** The old name of `minMagnitude`. */
  minStep?: number;
  adjustment?: number;
  cooldown?: number;
  steps: Step[];
  aggregation?: string;
  warmup?: number;
  tracking?: TrackingConfiguration;
  /** Kept and shown: there is nothing here to learn a forecast from. */
  predictive?: Record<string, unknown>;
  enabled: boolean;
  /** Its own alarms: those that target tracking makes. */
  own?: { high: string; low?: string };
}

export const policies = (engine: Engine) => engine.store.table<PolicyRecord>('scalingPolicies');

export const policyKey = (group: string, name: string) => `${group}/${name}`;

export const policiesOf = (engine: Engine, group: string) =>
  policies(engine).filter((policy) => policy.group === group);

/** By its ARN, or by its name in a group. Throws ValidationError. */
export function requirePolicy(engine: Engine, group: string | undefined, name: string): PolicyRecord {
  const found = name.startsWith('arn:')
    ? policies(engine).filter(({ arn }) => arn === name)[0]
    : policies(engine).get(policyKey(group ?? '', name));
  if (!found || (group !== undefined && found.group !== group)) {
    throw invalid(`Scaling policy name not found - Policy ${name} not found`);
  }
  return found;
}

/** The alarms that call a policy: its own, or those that somebody gave it. */
export const alarmsOf = (engine: Engine, { arn }: PolicyRecord) =>
  alarms(engine)
    .filter((alarm) =>
      [alarm.alarmActions, alarm.okActions, alarm.insufficientDataActions].some((actions) =>
        actions.includes(arn),
      ),
    )
    .map(({ name, arn: alarmArn }) => ({ name, arn: alarmArn }));
