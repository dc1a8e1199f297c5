import { once } from '../../engine/ec2/client-tokens.ts';
import type { FleetConfig, FleetOverride, Lifecycle } from '../../engine/ec2/fleet-pools.ts';
import {
  createInstantFleet,
  deleteFleet,
  type FleetRecord,
  type FleetRequest,
  findFleet,
  fleets,
} from '../../engine/ec2/fleets.ts';
import { oneOf } from '../../engine/ec2/template-launch.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { instanceRequirements } from './launch-members.ts';
import { members, readMembers, writeMembers } from './members.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';

const OVERRIDE = members({
  InstanceType: 'text',
  MaxPrice: 'text',
  SubnetId: 'text',
  AvailabilityZone: 'text',
  WeightedCapacity: 'number',
  Priority: 'number',
  ImageId: 'text',
  InstanceRequirements: instanceRequirements,
});

const CreateFleet: Operation = (input, { engine }) => {
  const type = oneOf('Type', input.text('Type'), ['instant', 'request', 'maintain']) ?? 'maintain';
  if (type !== 'instant') {
    throw new ServiceError(
      'UnsupportedOperation',
      `The local cloud has fleets of type instant only, not ${type}.`,
    );
  }
  const request = readRequest(input);
  const { ClientToken: _token, ...parameters } = input.values;
  const [id] = once(engine, 'CreateFleet', request.clientToken, parameters, () => [
    createInstantFleet(engine, request).fleetId,
  ]);
  const fleet = findFleet(engine, id as string);
  return { fleetId: fleet.fleetId, ...outcome(fleet) };
};

function readRequest(input: Input): FleetRequest {
  const configs = input.objects('LaunchTemplateConfigs').map(readConfig);
  if (configs.length === 0) input.require('LaunchTemplateConfigs');
  const given = input.object('TargetCapacitySpecification') ?? input.replaced({});
  const total = given.requireInt('TotalTargetCapacity');
  const types = ['on-demand', 'spot'] as const;
  const defaultType = oneOf('DefaultTargetCapacityType', given.text('DefaultTargetCapacityType'), types);
  const explicit = {
    'on-demand': given.int('OnDemandTargetCapacity'),
    spot: given.int('SpotTargetCapacity'),
  };
  // What neither kind was asked for is of the default kind; without one it is on-demand.
  const rest = total - (explicit['on-demand'] ?? 0) - (explicit.spot ?? 0);
  if (total < 1 || rest < 0) {
    throw new ServiceError('InvalidTargetCapacitySpecification', 'The target capacities do not add up.');
  }
  const target = (kind: Lifecycle) =>
    (explicit[kind] ?? 0) + (kind === (defaultType ?? 'on-demand') ? rest : 0);
  const option = (kind: Lifecycle) => input.object(kind === 'spot' ? 'SpotOptions' : 'OnDemandOptions');
  const strategy = (kind: Lifecycle) => option(kind)?.text('AllocationStrategy') ?? 'lowest-price';
  const least = (kind: Lifecycle) => option(kind)?.int('MinTargetCapacity') ?? 0;
  return {
    configs,
    target: { 'on-demand': target('on-demand'), spot: target('spot') },
    defaultType: defaultType ?? 'on-demand',
    strategy: { 'on-demand': strategy('on-demand'), spot: strategy('spot') },
    least: { 'on-demand': least('on-demand'), spot: least('spot') },
    tags: tagSpecifications(input, ['fleet', 'instance', 'volume']),
    clientToken: input.text('ClientToken'),
  };
}

function readConfig(config: Input): FleetConfig {
  const template = config.object('LaunchTemplateSpecification') ?? config.replaced({});
  return {
    template: {
      id: template.text('LaunchTemplateId'),
      name: template.text('LaunchTemplateName'),
      version: template.text('Version'),
    },
    overrides: config.objects('Overrides').map((item) => readMembers(OVERRIDE, item) as FleetOverride),
  };
}

const whereView = ({
  template,
  override,
  lifecycle,
}: FleetRecord['errors'][number] | FleetRecord['launched'][number]) => ({
  launchTemplateAndOverrides: {
    launchTemplateSpecification: { launchTemplateId: template.id, version: String(template.version) },
    overrides: writeMembers(OVERRIDE, { ...override }),
  },
  lifecycle,
});

const outcome = ({ errors, launched }: FleetRecord) => ({
  errorSet: errors.map((error) => ({
    ...whereView(error),
    errorCode: error.code,
    errorMessage: error.message,
  })),
  fleetInstanceSet: launched.map((launch) => ({
    ...whereView(launch),
    instanceIds: launch.instanceIds,
    instanceType: launch.instanceType,
  })),
});

/** As the API has it: an instant fleet is found by its id only. */
const DescribeFleets: Operation = (input, { engine }) => {
  const known = input.list('FleetId').map((id) => findFleet(engine, id));
  const found = filtered(input, known, {
    'fleet-state': (f) => f.state,
    type: () => 'instant',
    'activity-status': () => 'fulfilled',
    // Of fleets that are kept up, which these are not.
    'excess-capacity-termination-policy': () => undefined,
    'replace-unhealthy-instances': () => undefined,
  });
  const { items, nextToken } = page(input, found, (f) => f.fleetId);
  return { fleetSet: items.map(fleetView), nextToken };
};

function fleetView(fleet: FleetRecord) {
  const { request } = fleet;
  const { spot, 'on-demand': onDemand } = request.target;
  return {
    fleetId: fleet.fleetId,
    fleetState: fleet.state,
    type: 'instant',
    createTime: new Date(fleet.createdAt),
    clientToken: request.clientToken,
    launchTemplateConfigs: request.configs.map(({ template, overrides }) => ({
      launchTemplateSpecification: {
        launchTemplateId: template.id,
        launchTemplateName: template.name,
        version: template.version,
      },
      overrides: overrides.map((override) => writeMembers(OVERRIDE, { ...override })),
    })),
    targetCapacitySpecification: {
      totalTargetCapacity: spot + onDemand,
      onDemandTargetCapacity: onDemand,
      spotTargetCapacity: spot,
      defaultTargetCapacityType: request.defaultType,
    },
    spotOptions: { allocationStrategy: request.strategy.spot },
    onDemandOptions: { allocationStrategy: request.strategy['on-demand'] },
    tagSet: tagSet(fleet.tags),
    ...outcome(fleet),
  };
}

const DeleteFleets: Operation = (input, { engine }) => {
  const ids = input.list('FleetId');
  if (ids.length === 0) input.require('FleetId');
  input.require('TerminateInstances');
  if (!input.bool('TerminateInstances')) {
    throw new ServiceError(
      'InvalidParameterValue',
      'A fleet of type instant is deleted together with its instances.',
    );
  }
  const known = ids.filter((id) => fleets(engine).has(id));
  return {
    successfulFleetDeletionSet: known.map((fleetId) => ({
      fleetId,
      previousFleetState: deleteFleet(engine, fleetId).previous,
      currentFleetState: 'deleted_terminating',
    })),
    unsuccessfulFleetDeletionSet: ids
      .filter((id) => !known.includes(id))
      .map((fleetId) => ({
        fleetId,
        error: { code: 'fleetIdDoesNotExist', message: `The fleet ID '${fleetId}' does not exist` },
      })),
  };
};

export const fleetOperations: Record<string, Operation> = { CreateFleet, DescribeFleets, DeleteFleets };
