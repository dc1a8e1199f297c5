import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { possibleCount } from './capacity.ts';
import {
  type FleetConfig,
  type FleetOverride,
  type FleetPool,
  fleetPools,
  type Lifecycle,
  orderedPools,
} from './fleet-pools.ts';
import { instances, runInstances, terminateInstances } from './instances.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { launchSpecOf } from './launch-templates.ts';
import { placement } from './network.ts';
import { findResource, type Tags } from './resources.ts';
import { checkedSpotOptions } from './template-launch.ts';

interface Where {
  template: { id: string; name: string; version: number };
  override: FleetOverride;
  lifecycle: Lifecycle;
}

export interface FleetRequest {
  configs: FleetConfig[];
  /** Units of capacity; an instance counts as one, or as its override's weight. */
  target: Record<Lifecycle, number>;
  defaultType: Lifecycle;
  strategy: Record<Lifecycle, string>;
  /** Fewer than that, and none is launched. */
  least: Record<Lifecycle, number>;
  tags: Record<string, Tags>;
  clientToken?: string;
}

export interface FleetRecord {
  fleetId: string;
  state: 'active' | 'deleted_terminating';
  request: FleetRequest;
  launched: (Where & { instanceIds: string[]; instanceType: string })[];
  errors: (Where & { code: string; message: string })[];
  createdAt: number;
  tags: Tags;
}

export const fleets = (engine: Engine) => engine.store.table<FleetRecord>('fleets');

/** Throws InvalidFleetId.NotFound. */
export const findFleet = (engine: Engine, id: string) => findResource<FleetRecord>(engine, 'fleet', id);

/**
 * A fleet of type `instant`: launches what it can, once, and says what it could not. Throws for a launch template that is not
 * there; what a launch itself is refused with is one of the record's errors.
 */
export function createInstantFleet(engine: Engine, request: FleetRequest): FleetRecord {
  const pools = fleetPools(engine, request.configs);
  const fleetId = `fleet-${engine.ids.uuid()}`;
  const launched: FleetRecord['launched'] = [];
  const errors: FleetRecord['errors'] = [];
  for (const lifecycle of ['on-demand', 'spot'] as const) {
    const ordered = orderedPools(engine, pools, lifecycle, request.strategy[lifecycle]);
    const part = fill(engine, ordered, lifecycle, { ...request, fleetId });
    errors.push(...part.errors);
    if (part.capacity >= request.least[lifecycle]) launched.push(...part.launched);
    else
      terminateInstances(
        engine,
        part.launched.flatMap(({ instanceIds }) => instanceIds),
      );
  }
  return fleets(engine).put(fleetId, {
    fleetId,
    state: 'active',
    request,
    launched,
    errors,
    createdAt: engine.clock.now(),
    tags: request.tags.fleet ?? {},
  });
}

/** Takes from one pool after the other until the target is reached; `diversified` shares it out evenly. */
function fill(
  engine: Engine,
  pools: FleetPool[],
  lifecycle: Lifecycle,
  request: FleetRequest & { fleetId: string },
) {
  const launched: FleetRecord['launched'] = [];
  const errors: FleetRecord['errors'] = [];
  let capacity = 0;
  for (const [index, pool] of pools.entries()) {
    const missing = request.target[lifecycle] - capacity;
    if (missing <= 0) break;
    const share = request.strategy[lifecycle] === 'diversified' ? missing / (pools.length - index) : missing;
    const weight = pool.override.WeightedCapacity ?? 1;
    const { templateId: id, templateName: name, version } = pool.template;
    const where: Where = { template: { id, name, version }, override: pool.override, lifecycle };
    try {
      const wanted = Math.ceil(share / weight);
      const instanceIds = launchFrom(engine, pool, lifecycle, wanted, request);
      capacity += instanceIds.length * weight;
      launched.push({ ...where, instanceIds, instanceType: pool.type });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ ...where, code: error.code, message: error.message });
    }
  }
  return { launched, errors, capacity };
}

/** As many as there is capacity for; throws when that is none. */
function launchFrom(
  engine: Engine,
  { template, override, type }: FleetPool,
  lifecycle: Lifecycle,
  wanted: number,
  request: FleetRequest & { fleetId: string },
): string[] {
  const base = launchSpecOf(engine, {
    ...template.data,
    InstanceType: type,
    ImageId: override.ImageId ?? template.data.ImageId,
    InstanceMarketOptions: undefined,
  });
  const spec: LaunchSpec = {
    ...base,
    subnetId: override.SubnetId ?? base.subnetId,
    zone: override.AvailabilityZone ?? (override.SubnetId ? undefined : base.zone),
    tags: {
      ...base.tags,
      instance: { ...base.tags?.instance, ...request.tags.instance, 'aws:ec2:fleet-id': request.fleetId },
      volume: { ...base.tags?.volume, ...request.tags.volume },
    },
    launchTemplate: { id: template.templateId, version: template.version },
    spot: lifecycle === 'spot' ? checkedSpotOptions({ maxPrice: override.MaxPrice }) : undefined,
  };
  const { subnetId, zone } = placement(engine, spec, 1);
  const count = Math.max(1, possibleCount(engine, type, zone, wanted));
  return runInstances(engine, { ...spec, subnetId }, count).map(({ instanceId }) => instanceId);
}

/** The instances of an instant fleet go with it. Throws InvalidFleetId.NotFound. */
export function deleteFleet(engine: Engine, fleetId: string): { previous: FleetRecord['state'] } {
  const { state, launched } = findFleet(engine, fleetId);
  const ids = launched.flatMap(({ instanceIds }) => instanceIds);
  terminateInstances(
    engine,
    ids.filter((id) => instances(engine).has(id)),
  );
  fleets(engine).patch(fleetId, { state: 'deleted_terminating' });
  return { previous: state };
}
