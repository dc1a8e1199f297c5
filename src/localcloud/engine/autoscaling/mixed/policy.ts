import type { Engine } from '../../engine.ts';
import { type GroupRecord, invalid, type TemplateReference } from '../groups.ts';
import { checkTemplate, type TemplateRequest } from '../templates.ts';

/** One way to launch an instance of a mixed group; what it does not name comes from the policy's template. */
export interface Override {
  instanceType?: string;
  /** How many units of the group's capacity such an instance is. */
  weight?: number;
  template?: TemplateReference;
  imageId?: string;
  /** Attribute-based selection, as on the wire. */
  requirements?: Record<string, unknown>;
}

/** AWS: InstancesDistribution, with its defaults filled in. */
export interface Distribution {
  onDemandStrategy: string;
  /** So many units are on-demand before the percentage counts. */
  base: number;
  /** Percent of what is above the base. */
  percentage: number;
  spotStrategy: string;
  spotPools?: number;
  spotMaxPrice?: string;
}

export interface MixedPolicy {
  overrides: Override[];
  distribution: Distribution;
}

/** What a group's instances are made from. Of a mixed one, `template` is the policy's own. */
export interface Composition {
  template: TemplateReference;
  mixed?: MixedPolicy;
}

export interface MixedRequest {
  template?: TemplateRequest;
  overrides?: (Omit<Override, 'template'> & { template?: TemplateRequest })[];
  distribution?: Partial<Distribution>;
}

const MOST_OVERRIDES = 40;
const ON_DEMAND_STRATEGIES = ['prioritized', 'lowest-price'];
const SPOT_STRATEGIES = [
  'lowest-price',
  'capacity-optimized',
  'capacity-optimized-prioritized',
  'price-capacity-optimized',
];

const DEFAULTS: Distribution = {
  onDemandStrategy: 'prioritized',
  base: 0,
  percentage: 100,
  spotStrategy: 'lowest-price',
};

/** The policy to keep; what an update leaves out stays as it was. Throws ValidationError. Source: AWS MixedInstancesPolicy. */
export function checkMixed(engine: Engine, request: MixedRequest, existing?: GroupRecord): Composition {
  const template = request.template ? checkTemplate(engine, request.template) : existing?.template;
  if (!template) throw invalid('MixedInstancesPolicy must contain a LaunchTemplate.');
  const overrides =
    request.overrides?.map((override) => ({
      ...override,
      template: override.template && checkTemplate(engine, override.template),
    })) ??
    existing?.mixed?.overrides ??
    [];
  checkOverrides(overrides);
  const given = Object.entries(request.distribution ?? {}).filter(([, value]) => value !== undefined);
  const distribution = { ...DEFAULTS, ...existing?.mixed?.distribution, ...Object.fromEntries(given) };
  checkDistribution(distribution);
  return { template, mixed: { overrides, distribution } };
}

function checkOverrides(overrides: Override[]): void {
  if (overrides.length > MOST_OVERRIDES) throw invalid(`At most ${MOST_OVERRIDES} overrides are allowed.`);
  const types = overrides.flatMap(({ instanceType }) => instanceType ?? []);
  if (new Set(types).size < types.length) throw invalid('Each override must name another instance type.');
  const weighted = overrides.filter(({ weight }) => weight !== undefined).length;
  if (weighted > 0 && weighted < overrides.length) {
    throw invalid('Either all overrides have a WeightedCapacity or none.');
  }
  for (const { weight, instanceType, requirements } of overrides) {
    if (weight !== undefined && !(weight >= 1 && weight <= 999)) {
      throw invalid('WeightedCapacity must be between 1 and 999.');
    }
    if (instanceType !== undefined && requirements !== undefined) {
      throw invalid('An override can name either InstanceType or InstanceRequirements, not both.');
    }
  }
}

function checkDistribution({ base, percentage, onDemandStrategy, spotStrategy }: Distribution): void {
  if (base < 0) throw invalid('OnDemandBaseCapacity must be 0 or more.');
  if (percentage < 0 || percentage > 100) {
    throw invalid('OnDemandPercentageAboveBaseCapacity must be between 0 and 100.');
  }
  if (!ON_DEMAND_STRATEGIES.includes(onDemandStrategy)) {
    throw invalid(`Invalid OnDemandAllocationStrategy: ${onDemandStrategy}`);
  }
  if (!SPOT_STRATEGIES.includes(spotStrategy))
    throw invalid(`Invalid SpotAllocationStrategy: ${spotStrategy}`);
}
