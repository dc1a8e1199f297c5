import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { MixedPolicy } from './mixed/policy.ts';
import type { TrafficSource } from './traffic/record.ts';
import type { WarmPool } from './warm-pool/record.ts';

/** A launch template as the group's owner named it: `version` is a number in text, `$Latest` or `$Default`. */
export interface TemplateReference {
  id: string;
  name: string;
  version: string;
}

/** Percentages of the desired capacity. AWS: InstanceMaintenancePolicy. */
export interface MaintenancePolicy {
  min: number;
  max: number;
}

export interface GroupTag {
  key: string;
  value: string;
  propagate: boolean;
}

/** Where the group may launch: one place per subnet, or one per zone's default subnet. */
export interface Place {
  zone: string;
  subnetId?: string;
}

export type DeletionProtection = 'none' | 'prevent-force-deletion' | 'prevent-all-deletion';

export interface GroupRecord {
  name: string;
  arn: string;
  createdAt: number;
  min: number;
  max: number;
  desired: number;
  template: TemplateReference;
  /** A mixed instances policy; `template` is its own then. */
  mixed?: MixedPolicy;
  places: Place[];
  /** As given: comma list of EC2, EBS, ELB, VPC_LATTICE. */
  healthCheckType: string;
  /** Seconds. */
  grace: number;
  /** Seconds. */
  defaultCooldown: number;
  /** Seconds; absent: not set (the API's -1). */
  defaultInstanceWarmup?: number;
  terminationPolicies: string[];
  newInstancesProtected: boolean;
  maintenancePolicy?: MaintenancePolicy;
  deletionProtection: DeletionProtection;
  trafficSources: TrafficSource[];
  warmPool?: WarmPool;
  suspended: { process: string; at: number }[];
  metrics: string[];
  tags: GroupTag[];
  /** Fields that the engine keeps and shows but does not act on, named as on the wire. */
  passive: Record<string, unknown>;
  /** Set by a forced deletion: no new instances, all members go, then the group. */
  deleting: boolean;
  /** Why the capacity last changed, in the words of a scaling activity's cause; told with the next activities. */
  reason: string;
  /** When the desired capacity last changed: the cooldown counts from here. */
  scaledAt: number;
  /** Until then no simple scaling policy acts. */
  cooldownUntil?: number;
  /** When the group last launched or terminated on its own: it does so once per `group.tick`. */
  actedAt: number;
  /** After failed launches: how many in a row, when the next try is due, and what the last said. */
  backoff?: { failures: number; retryAt: number; message: string };
}

export const groups = (engine: Engine) => engine.store.table<GroupRecord>('autoScalingGroups');

/** The group, or the error with which every operation but the Describe ones answers for an unknown name. */
export function requireGroup(engine: Engine, name: string): GroupRecord {
  const group = groups(engine).get(name);
  if (!group) throw invalid(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
  return group;
}

/** For operations that change a group: not while it is being deleted. */
export function requireLiveGroup(engine: Engine, name: string): GroupRecord {
  const group = requireGroup(engine, name);
  if (group.deleting) {
    throw new ServiceError(
      'ResourceInUse',
      `AutoScalingGroup ${name} is pending delete and cannot be changed.`,
    );
  }
  return group;
}

/** The service's way to say that a request makes no sense. */
export const invalid = (message: string) => new ServiceError('ValidationError', message);

export const zonesOf = (group: GroupRecord) => [...new Set(group.places.map(({ zone }) => zone))];

export const isSuspended = (group: GroupRecord, process: string) =>
  group.suspended.some((each) => each.process === process);

/** An instant as scaling activities write it: whole seconds, UTC. */
export const stamp = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
