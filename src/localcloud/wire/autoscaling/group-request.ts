import type { MaintenancePolicy } from '../../engine/autoscaling/groups.ts';
import { invalid } from '../../engine/autoscaling/groups.ts';
import type { GroupSettings } from '../../engine/autoscaling/settings.ts';
import { zones } from '../../engine/ec2/network.ts';
import type { Engine } from '../../engine/engine.ts';
import { zoneId } from '../ec2/zones.ts';
import type { Input } from '../input.ts';
import { readMixed } from './mixed-wire.ts';
import { readTemplate } from './template-wire.ts';

/** Fields that the engine only keeps. */
const PASSIVE = [
  'PlacementGroup',
  'ServiceLinkedRoleARN',
  'Context',
  'DesiredCapacityType',
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
  'CapacityReservationSpecification',
  'InstanceLifecyclePolicy',
];

/** The settings that CreateAutoScalingGroup and UpdateAutoScalingGroup share. */
export function readSettings(input: Input, engine: Engine): GroupSettings {
  refuseUnknownThings(input);
  const subnets = input.text('VPCZoneIdentifier');
  return {
    min: input.int('MinSize'),
    max: input.int('MaxSize'),
    desired: input.int('DesiredCapacity'),
    template: readTemplate(input.object('LaunchTemplate')),
    mixed: readMixed(input.object('MixedInstancesPolicy')),
    subnetIds: subnets?.split(',').map((id) => id.trim()),
    zones: readZones(input, engine),
    healthCheckType: input.text('HealthCheckType'),
    grace: input.int('HealthCheckGracePeriod'),
    defaultCooldown: input.int('DefaultCooldown'),
    defaultInstanceWarmup: input.int('DefaultInstanceWarmup'),
    terminationPolicies: input.has('TerminationPolicies') ? input.list('TerminationPolicies') : undefined,
    newInstancesProtected: input.bool('NewInstancesProtectedFromScaleIn'),
    maintenancePolicy: readMaintenance(input.object('InstanceMaintenancePolicy')),
    deletionProtection: input.text('DeletionProtection'),
    passive: readPassive(input),
  };
}

function readPassive(input: Input): Record<string, unknown> {
  const given = PASSIVE.filter((name) => input.has(name)).map((name) => [name, input.values[name]]);
  const typed = {
    MaxInstanceLifetime: input.int('MaxInstanceLifetime'),
    CapacityRebalance: input.bool('CapacityRebalance'),
  };
  return {
    ...Object.fromEntries(given),
    ...Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined)),
  };
}

/** By name or by id; an unknown id is refused as an unknown name. */
function readZones(input: Input, engine: Engine): string[] | undefined {
  if (input.has('AvailabilityZones')) return input.list('AvailabilityZones');
  if (!input.has('AvailabilityZoneIds')) return undefined;
  return input
    .list('AvailabilityZoneIds')
    .map((id) => zones(engine).find((zone) => zoneId(engine, zone) === id) ?? id);
}

function readMaintenance(input: Input | undefined): MaintenancePolicy | undefined {
  if (!input) return undefined;
  const min = input.int('MinHealthyPercentage');
  const max = input.int('MaxHealthyPercentage');
  if (min === undefined || max === undefined) {
    throw invalid('InstanceMaintenancePolicy needs both MinHealthyPercentage and MaxHealthyPercentage.');
  }
  return { min, max };
}

/** What a group could refer to and the local cloud does not have; where the service has words for "not found", in these. */
function refuseUnknownThings(input: Input): void {
  const configuration = input.text('LaunchConfigurationName');
  if (configuration) {
    throw invalid(`Launch configuration name not found - Launch configuration ${configuration} not found`);
  }
  if (input.has('LoadBalancerNames')) {
    throw invalid('Provided Load Balancers may not be valid. Please ensure they exist and try again.');
  }
  if (input.has('InstanceId')) {
    throw invalid('The local cloud does not make groups from an instance: use a launch template.');
  }
}
