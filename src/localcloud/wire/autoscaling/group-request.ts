import type { MaintenancePolicy } from '../../engine/autoscaling/groups.ts';
import { invalid } from '../../engine/autoscaling/groups.ts';
import type { GroupSettings } from '../../engine/autoscaling/settings.ts';
import type { TemplateRequest } from '../../engine/autoscaling/templates.ts';
import type { Input } from '../input.ts';

/** Fields that the engine only keeps. */
const PASSIVE = [
  'PlacementGroup',
  'ServiceLinkedRoleARN',
  'MaxInstanceLifetime',
  'CapacityRebalance',
  'Context',
  'DesiredCapacityType',
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
  'CapacityReservationSpecification',
  'InstanceLifecyclePolicy',
];

/** The settings that CreateAutoScalingGroup and UpdateAutoScalingGroup share. */
export function readSettings(input: Input): GroupSettings {
  refuseUnknownThings(input);
  const subnets = input.text('VPCZoneIdentifier');
  return {
    min: input.int('MinSize'),
    max: input.int('MaxSize'),
    desired: input.int('DesiredCapacity'),
    template: readTemplate(input.object('LaunchTemplate')),
    subnetIds: subnets?.split(',').map((id) => id.trim()),
    zones: input.has('AvailabilityZones') ? input.list('AvailabilityZones') : undefined,
    healthCheckType: input.text('HealthCheckType'),
    grace: input.int('HealthCheckGracePeriod'),
    defaultCooldown: input.int('DefaultCooldown'),
    defaultInstanceWarmup: input.int('DefaultInstanceWarmup'),
    terminationPolicies: input.has('TerminationPolicies') ? input.list('TerminationPolicies') : undefined,
    newInstancesProtected: input.bool('NewInstancesProtectedFromScaleIn'),
    maintenancePolicy: readMaintenance(input.object('InstanceMaintenancePolicy')),
    deletionProtection: input.text('DeletionProtection'),
    passive: Object.fromEntries(
      PASSIVE.filter((name) => input.has(name)).map((name) => [name, input.values[name]]),
    ),
  };
}

export const readTemplate = (input: Input | undefined): TemplateRequest | undefined =>
  input && {
    id: input.text('LaunchTemplateId'),
    name: input.text('LaunchTemplateName'),
    version: input.text('Version'),
  };

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
  if (input.has('TargetGroupARNs') || input.has('TrafficSources')) {
    throw invalid('Provided Target Groups may not be valid. Please ensure they exist and try again.');
  }
  if (input.has('LoadBalancerNames')) {
    throw invalid('Provided Load Balancers may not be valid. Please ensure they exist and try again.');
  }
  for (const name of ['MixedInstancesPolicy', 'InstanceId', 'AvailabilityZoneIds']) {
    if (input.has(name)) throw invalid(`The local cloud does not have ${name}.`);
  }
}
