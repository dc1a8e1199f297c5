import { findSubnet, zones } from '../ec2/network.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import {
  type DeletionProtection,
  type GroupRecord,
  invalid,
  type MaintenancePolicy,
  type Place,
} from './groups.ts';
import { checkMixed, type MixedRequest } from './mixed/policy.ts';
import { checkTemplate, type TemplateRequest } from './templates.ts';
import { TERMINATION_POLICIES } from './victims.ts';

/** What CreateAutoScalingGroup and UpdateAutoScalingGroup can set. Times in seconds; -1 clears a warmup or a policy's bound. */
export interface GroupSettings {
  min?: number;
  max?: number;
  desired?: number;
  template?: TemplateRequest;
  mixed?: MixedRequest;
  subnetIds?: string[];
  zones?: string[];
  healthCheckType?: string;
  grace?: number;
  defaultCooldown?: number;
  defaultInstanceWarmup?: number;
  terminationPolicies?: string[];
  newInstancesProtected?: boolean;
  maintenancePolicy?: MaintenancePolicy;
  deletionProtection?: string;
  passive?: Record<string, unknown>;
}

type Checked = Partial<
  Omit<GroupRecord, 'name' | 'arn' | 'createdAt' | 'suspended' | 'metrics' | 'tags' | 'deleting' | 'reason'>
>;

const HEALTH_CHECKS = ['EC2', 'EBS', 'ELB', 'VPC_LATTICE'];

/** The fields that settings change in a group's record, checked; sizes are checked by `checkSizes`. Throws ValidationError. */
export function checkSettings(engine: Engine, settings: GroupSettings, existing?: GroupRecord): Checked {
  const changes: Checked = {};
  if (settings.template) {
    changes.template = checkTemplate(engine, settings.template);
    changes.mixed = undefined;
  }
  if (settings.mixed) Object.assign(changes, checkMixed(engine, settings.mixed, existing));
  if (settings.subnetIds || settings.zones) changes.places = checkPlaces(engine, settings);
  if (settings.healthCheckType !== undefined)
    changes.healthCheckType = checkHealthTypes(settings.healthCheckType);
  if (settings.terminationPolicies) changes.terminationPolicies = checkPolicies(settings.terminationPolicies);
  if (settings.deletionProtection !== undefined) {
    changes.deletionProtection = checkProtection(settings.deletionProtection);
  }
  for (const field of ['grace', 'defaultCooldown'] as const) {
    const value = settings[field];
    if (value !== undefined && value < 0) throw invalid(`${field} must be 0 or more seconds.`);
    if (value !== undefined) changes[field] = value;
  }
  if (settings.newInstancesProtected !== undefined)
    changes.newInstancesProtected = settings.newInstancesProtected;
  if (settings.defaultInstanceWarmup !== undefined) {
    changes.defaultInstanceWarmup = checkWarmup(settings.defaultInstanceWarmup);
  }
  if (settings.maintenancePolicy) changes.maintenancePolicy = checkMaintenance(settings.maintenancePolicy);
  if (settings.passive) checkLifetime(settings.passive);
  if (settings.passive) changes.passive = { ...existing?.passive, ...settings.passive };
  return changes;
}

/** Throws ValidationError unless min <= desired <= max. */
export function checkSizes({ min, max, desired }: Pick<GroupRecord, 'min' | 'max' | 'desired'>): void {
  if (min < 0) throw invalid(`Min bound, ${min}, must be greater than or equal to 0`);
  if (max < min) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min || desired > max) {
    throw invalid(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  }
}

function checkPlaces(engine: Engine, { subnetIds, zones: names }: GroupSettings): Place[] {
  const known = zones(engine);
  const unknown = (names ?? []).filter((zone) => !known.includes(zone));
  if (unknown.length > 0) throw invalid(`Invalid availability zones: [${unknown.join(', ')}]`);
  if (!subnetIds || subnetIds.length === 0) {
    if (!names || names.length === 0)
      throw invalid('At least one Availability Zone or VPC Subnet is required.');
    return names.map((zone) => ({ zone }));
  }
  const places = subnetIds.map((subnetId) => ({ subnetId, zone: zoneOfSubnet(engine, subnetId) }));
  if (names && places.some(({ zone }) => !names.includes(zone))) {
    throw invalid(
      "The availability zones of the specified subnets and the Auto Scaling group's availability zones do not match",
    );
  }
  return places;
}

function zoneOfSubnet(engine: Engine, subnetId: string): string {
  try {
    return findSubnet(engine, subnetId).zone;
  } catch (error) {
    if (error instanceof ServiceError) throw invalid(`The subnet ID '${subnetId}' does not exist`);
    throw error;
  }
}

function checkHealthTypes(text: string): string {
  const types = text.split(',').map((type) => type.trim());
  if (types.some((type) => !HEALTH_CHECKS.includes(type))) {
    throw invalid(`Invalid health check type: ${text}. Valid types are ${HEALTH_CHECKS.join(', ')}.`);
  }
  return text;
}

function checkPolicies(policies: string[]): string[] {
  // A function that chooses is kept by name: there is nobody here to run it.
  const unknown = policies.filter(
    (policy) => !TERMINATION_POLICIES.includes(policy) && !policy.startsWith('arn:aws:lambda:'),
  );
  if (unknown.length > 0) throw invalid(`Invalid termination policy: ${unknown.join(', ')}`);
  return policies.length > 0 ? policies : ['Default'];
}

function checkProtection(value: string): DeletionProtection {
  if (value === 'none' || value === 'prevent-force-deletion' || value === 'prevent-all-deletion')
    return value;
  throw invalid(`Invalid deletion protection: ${value}`);
}

/** A day at least, or 0 for none. */
function checkLifetime({ MaxInstanceLifetime: seconds }: Record<string, unknown>): void {
  if (seconds === undefined || Number(seconds) === 0 || Number(seconds) >= 86_400) return;
  throw invalid('MaxInstanceLifetime must be 0, or 86400 seconds or more.');
}

function checkWarmup(seconds: number): number | undefined {
  if (seconds < -1) throw invalid('DefaultInstanceWarmup must be 0 or more seconds, or -1.');
  return seconds === -1 ? undefined : seconds;
}

function checkMaintenance({ min, max }: MaintenancePolicy): MaintenancePolicy | undefined {
  if (min === -1 && max === -1) return undefined;
  if (min < 0 || min > 100) throw invalid('MinHealthyPercentage must be between 0 and 100.');
  if (max < 100 || max > 200) throw invalid('MaxHealthyPercentage must be between 100 and 200.');
  if (max - min > 100) {
    throw invalid(
      'The difference between MaxHealthyPercentage and MinHealthyPercentage must not exceed 100.',
    );
  }
  return { min, max };
}
