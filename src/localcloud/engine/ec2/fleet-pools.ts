import type { Engine } from '../engine.ts';
import { INSTANCE_TYPES } from './instance-types.ts';
import { type ResolvedTemplate, resolveTemplate } from './launch-templates.ts';
import { findSubnet, zones } from './network.ts';
import { onDemandPrice, spotPrice } from './spot-prices.ts';

interface Range {
  Min?: number;
  Max?: number;
}

/** Instead of a type: what it has to have, as far as the types here differ in it. By the member names of the API. */
export interface InstanceRequirements {
  VCpuCount?: Range;
  MemoryMiB?: Range;
  AllowedInstanceTypes?: string[];
  ExcludedInstanceTypes?: string[];
  BurstablePerformance?: string;
}

/** What one kind of instance of a fleet has other than the template says. By the member names of the API. */
export interface FleetOverride {
  InstanceType?: string;
  MaxPrice?: string;
  SubnetId?: string;
  AvailabilityZone?: string;
  WeightedCapacity?: number;
  Priority?: number;
  ImageId?: string;
  InstanceRequirements?: InstanceRequirements;
}

export interface FleetConfig {
  template: { id?: string; name?: string; version?: string };
  overrides: FleetOverride[];
}

/** One kind of instance that a fleet may launch. */
export interface FleetPool {
  template: ResolvedTemplate;
  override: FleetOverride;
  type: string;
}

export type Lifecycle = 'on-demand' | 'spot';

/** All pools of a fleet, in the order of the request. Throws as `resolveTemplate`. */
export function fleetPools(engine: Engine, configs: FleetConfig[]): FleetPool[] {
  return configs.flatMap(({ template: reference, overrides }) => {
    const template = resolveTemplate(engine, reference);
    return (overrides.length > 0 ? overrides : [{}]).flatMap((override) =>
      poolTypes(template, override).map((type) => ({ template, override, type })),
    );
  });
}

function poolTypes({ data }: ResolvedTemplate, override: FleetOverride): string[] {
  const requirements =
    override.InstanceRequirements ?? (data.InstanceRequirements as InstanceRequirements | undefined);
  if (override.InstanceType !== undefined) return [override.InstanceType];
  return requirements ? matchingTypes(requirements) : [data.InstanceType ?? 'm1.small'];
}

/** Names of the types that have what is asked for. */
function matchingTypes(requirements: InstanceRequirements): string[] {
  const within = (value: number, range: Range | undefined) =>
    value >= (range?.Min ?? 0) && value <= (range?.Max ?? Number.POSITIVE_INFINITY);
  const named = (name: string, patterns: string[] | undefined) =>
    patterns?.some((pattern) => wildcard(pattern).test(name));
  return [...INSTANCE_TYPES.values()]
    .filter(
      ({ name, vcpus, memoryMiB, burstable }) =>
        within(vcpus, requirements.VCpuCount) &&
        within(memoryMiB, requirements.MemoryMiB) &&
        (named(name, requirements.AllowedInstanceTypes) ?? true) &&
        !named(name, requirements.ExcludedInstanceTypes) &&
        // Without a word about them, burstable types are out.
        (!burstable || ['included', 'required'].includes(requirements.BurstablePerformance ?? 'excluded')) &&
        (burstable || requirements.BurstablePerformance !== 'required'),
    )
    .map(({ name }) => name);
}

const wildcard = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

/** In the order in which the strategy takes them; the request's own order where it has no other. */
export function orderedPools(
  engine: Engine,
  pools: FleetPool[],
  lifecycle: Lifecycle,
  strategy: string,
): FleetPool[] {
  if (strategy === 'lowest-price' || strategy === 'price-capacity-optimized') {
    const price = new Map(pools.map((pool) => [pool, poolPrice(engine, pool, lifecycle)]));
    return pools.toSorted((a, b) => (price.get(a) as number) - (price.get(b) as number));
  }
  if (strategy === 'prioritized' || strategy === 'capacity-optimized-prioritized') {
    const rank = ({ override }: FleetPool) => override.Priority ?? Number.POSITIVE_INFINITY;
    return pools.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  }
  return pools;
}

/** Of one unit of capacity. */
function poolPrice(engine: Engine, { type, override }: FleetPool, lifecycle: Lifecycle): number {
  const weight = override.WeightedCapacity ?? 1;
  if (lifecycle === 'on-demand') return onDemandPrice(type) / weight;
  const zone = override.SubnetId ? findSubnet(engine, override.SubnetId).zone : override.AvailabilityZone;
  return Math.min(...(zone ? [zone] : zones(engine)).map((name) => spotPrice(type, name))) / weight;
}
