import type { Tags } from './tags.ts';

/** One metric of the cloud's monitoring, summed up per period. */
export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  /** "Average", "Sum", "Maximum" … */
  statistic: string;
}

/** What a policy looks at: a metric, or an expression over metrics that it names. */
export type Watched = Metric | { expression: string; metrics: Record<string, Metric> };

/** Keeps a metric near a target: the cloud makes and owns the alarms. */
export interface TargetTracking {
  kind: 'target-tracking';
  watched: Watched;
  target: number;
  /** False: only ever adds instances. */
  scaleIn: boolean;
}

/** Adds or removes instances step by step when an alarm goes off. */
export interface StepScaling {
  kind: 'step';
  /** What a step's number means: per cent of the capacity, instances, or the capacity itself. */
  adjust: 'percent' | 'instances' | 'exact';
  /** The least change that a percentage makes, in instances. */
  atLeast?: number;
  /** Bounds are differences from the alarm's threshold; a missing one is infinite. */
  steps: { lower?: number; upper?: number; by: number }[];
  /** Those that call the policy. */
  alarms: PolicyAlarm[];
}

export interface PolicyAlarm {
  name: string;
  watched: Watched;
  /** At or beyond the threshold. */
  comparison: 'above' | 'below';
  threshold: number;
  /** Milliseconds. */
  period: number;
  /** How many periods are looked at, and how many of them must be beyond the threshold. */
  periods: number;
  datapoints: number;
  missingData: 'missing' | 'ignore' | 'breaching' | 'not-breaching';
  enabled: boolean;
}

export interface ScalingPolicy {
  name: string;
  enabled: boolean;
  /** How long a new instance does not count, milliseconds; undefined: the group's own warmup. */
  warmup?: number;
  /** `other`: of a kind, or with settings, that bake does not write. */
  rule: TargetTracking | StepScaling | { kind: 'other' };
}

/** Changes the group's sizes at recurring times; what is not named stays. */
export interface ScalingSchedule {
  name: string;
  /** Five fields of cron. */
  recurrence?: string;
  /** IANA name. */
  timeZone: string;
  min?: number;
  max?: number;
  desired?: number;
}

/** What changes the size of a scaling group by itself. Everything is created, replaced and removed by name, idempotently. */
export interface Scaling {
  /** Every policy of the group, whoever made it, each with its alarm. */
  policies(group: string): Promise<ScalingPolicy[]>;
  /** Creates or replaces the policy, then the alarms that call it; a new alarm gets `alarmTags`. */
  putPolicy(group: string, policy: ScalingPolicy, alarmTags: Tags): Promise<void>;
  removePolicy(group: string, policy: string): Promise<void>;
  /** Before their policy: an alarm is found by the policy that it calls. */
  removeAlarms(names: string[]): Promise<void>;
  schedules(group: string): Promise<ScalingSchedule[]>;
  putSchedule(group: string, schedule: ScalingSchedule): Promise<void>;
  removeSchedule(group: string, schedule: string): Promise<void>;
}
