import type {
  Instance,
  InstanceRefresh,
  LogEvent,
  LyingMessage,
  Queue,
  ScalingActivity,
  ScalingGroup,
  SecurityGroup,
  Target,
  TargetGroup,
} from '../../clouds/cloud.ts';
import type { MachineReport } from './machine-report.ts';

/** One instance of the fleet, as the cloud sees it. */
export interface FleetInstance {
  id: string;
  group: string;
  lifecycle: string;
  healthy: boolean;
  version?: number;
  release?: string;
  protectedFromScaleIn: boolean;
  /** Undefined where it could not be described. */
  machine?: Instance;
}

/** A queue, looked at twice. */
export interface QueueLooks {
  first: Queue;
  last: Queue;
  /** Milliseconds between the looks. */
  apart: number;
  dead?: {
    first: Queue;
    last: Queue;
    /** Undefined where they could not be looked at. */
    messages?: LyingMessage[];
  };
}

/** All that was found out, before anybody draws a conclusion. Times are milliseconds since the epoch. */
export interface Facts {
  now: number;
  groups: ScalingGroup[];
  instances: FleetInstance[];
  /** The release that each launch template version brings, where it is known. */
  releases: ReadonlyMap<number, string>;
  activities: { group: string; activity: ScalingActivity }[];
  /** The newest one of each group. */
  refreshes: InstanceRefresh[];
  /** Instances that were asked by command and answered; those whose agent did not. */
  machines: MachineReport[];
  silent: string[];
  /** What consoles say about user data that failed, headline first, by instance. */
  userData: { id: string; lines: string[] }[];
  securityGroups: SecurityGroup[];
  targets: { group: TargetGroup; targets: Target[] }[];
  /** Lines of the fleet's log groups: those that match the pattern of errors, and those that tell a cause. */
  errors: LogEvent[];
  telling: LogEvent[];
  queue?: QueueLooks;
}
