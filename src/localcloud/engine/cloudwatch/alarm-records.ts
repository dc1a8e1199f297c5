import type { Engine } from '../engine.ts';
import type { MetricDataQuery } from './queries.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What an alarm watches and what it does, as PutMetricAlarm gives it. */
export interface AlarmSpec {
  name: string;
  description?: string;
  /** Default: true. */
  actionsEnabled?: boolean;
  okActions?: string[];
  alarmActions?: string[];
  insufficientDataActions?: string[];
  /** One metric; without it `metrics`, or a composite alarm's `rule`. */
  metric?: {
    namespace: string;
    name: string;
    dimensions: Record<string, string>;
    statistic?: string;
    extendedStatistic?: string;
    unit?: string;
    periodSeconds: number;
  };
  metrics?: MetricDataQuery[];
  rule?: string;
  evaluationPeriods: number;
  /** Default: all of the evaluation periods. */
  datapointsToAlarm?: number;
  threshold: number;
  comparison: string;
  treatMissingData?: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
  evaluateLowSampleCountPercentile?: string;
  /** Fields that the engine keeps and shows but does not act on, named as on the wire. */
  passive?: Record<string, unknown>;
  /** Tags of a new alarm; one that is there keeps its own. */
  tags?: Record<string, string>;
}

export interface AlarmRecord extends AlarmSpec {
  arn: string;
  actionsEnabled: boolean;
  okActions: string[];
  alarmActions: string[];
  insufficientDataActions: string[];
  tags: Record<string, string>;
  state: AlarmState;
  stateReason: string;
  stateReasonData?: string;
  /** Milliseconds, as all that follow. */
  stateUpdatedAt: number;
  /** When the value of the state last became another. */
  stateTransitionedAt: number;
  configuredAt: number;
}

/** An action that an alarm's state asks for. The service that the ARN belongs to takes it and deletes it. */
export interface AlarmAction {
  id: string;
  actionArn: string;
  alarmName: string;
  state: AlarmState;
  /** The latest value of what the alarm watches; undefined without data, and when the state was set by hand. */
  value?: number;
  threshold: number;
  at: number;
}

export const alarms = (engine: Engine) => engine.store.table<AlarmRecord>('alarms');

export const alarmActions = (engine: Engine) => engine.store.table<AlarmAction>('alarmActions');

/** When each metric alarm is looked at next, milliseconds. */
export const evaluations = (engine: Engine) => engine.store.table<number>('alarmEvaluations');

export const alarmArn = (engine: Engine, name: string) =>
  `arn:aws:cloudwatch:${engine.region}:${engine.account}:alarm:${name}`;
