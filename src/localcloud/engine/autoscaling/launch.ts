import { type InstanceRecord, runInstances } from '../ec2/instances.ts';
import { type LaunchTemplateData, launchSpecOf, launchTemplates } from '../ec2/launch-templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { causeOf, endActivity, startActivity } from './activities.ts';
import { type GroupRecord, groups, type Place } from './groups.ts';
import { isActive, type MemberRecord, members, membersOf } from './members.ts';
import type { Composition } from './mixed/policy.ts';
import { nextPurchase } from './mixed/purchase.ts';
import { type Variant, variantsOf } from './mixed/variants.ts';
import { placesByNeed } from './places.ts';
import { currentVersion } from './templates.ts';

/** What new members are made from. */
export interface Configuration extends Composition {
  /** The refresh that brings it, if one runs. */
  refresh?: MemberRecord['refresh'];
  /** For the warm pool instead of the group. */
  warm?: boolean;
  /** Here and nowhere else. */
  place?: Place;
}

/** Errors of one zone only: another may have room. */
const ELSEWHERE = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientFreeAddressesInSubnet',
  'Unsupported',
  'SpotMaxPriceTooLow',
]);

/**
 * Launches one member, in the zone that has fewest and of the first type of the list; where that zone has no room for it, of the
 * next type, then in the next zone. Every failure is a Failed activity; returns the last of them, or the member that was made.
 */
export function launchMember(
  engine: Engine,
  group: GroupRecord,
  configuration: Configuration,
  cause: string[],
): MemberRecord | ServiceError {
  let last: MemberRecord | ServiceError | undefined;
  const variants = variantsOf(configuration);
  const places = configuration.place
    ? [configuration.place]
    : placesByNeed(engine, group, configuration.warm ?? false);
  for (const place of places) {
    for (const variant of variants) {
      last = tryLaunch(engine, group, configuration, { place, variant }, cause);
      if (!(last instanceof ServiceError) || !ELSEWHERE.has(last.code)) return last;
    }
  }
  return last ?? new ServiceError('Unsupported', 'No instance type has what the group asks for.');
}

function tryLaunch(
  engine: Engine,
  group: GroupRecord,
  configuration: Configuration,
  way: { place: Place; variant: Variant },
  cause: string[],
): MemberRecord | ServiceError {
  const { place, variant } = way;
  const details = {
    ...(place.subnetId && { 'Subnet ID': place.subnetId }),
    'Availability Zone': place.zone,
  };
  const begin = (description: string) =>
    startActivity(engine, group, { description, cause: causeOf(...cause), progress: 30, details });
  try {
    const active = membersOf(engine, group.name).filter(isActive);
    const purchase = nextPurchase(configuration.mixed, active, variant.weight);
    const maxPrice = configuration.mixed?.distribution.spotMaxPrice;
    const market = purchase === 'spot' ? spotMarket(maxPrice) : undefined;
    const instance = launchInstance(engine, group, { ...way, market });
    const { id } = begin(`Launching a new EC2 instance: ${instance.instanceId}`);
    return members(engine).put(instance.instanceId, {
      ...newMember(engine, group, instance),
      ...(configuration.warm && { state: 'Warmed:Pending' as const, protected: false }),
      refresh: configuration.refresh,
      weight: variant.weight,
      spot: purchase === 'spot' || undefined,
      activityId: id,
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = `${error.message.replace(/\.?$/, '.')} Launching EC2 instance failed.`;
    endActivity(engine, begin('Launching a new EC2 instance').id, 'Failed', message);
    return error;
  }
}

type Market = LaunchTemplateData['InstanceMarketOptions'];

/** A group asks for each spot instance once; what EC2 takes back it replaces itself. */
const spotMarket = (maxPrice: string | undefined): Market => ({
  MarketType: 'spot',
  SpotOptions: { MaxPrice: maxPrice, SpotInstanceType: 'one-time' },
});

function launchInstance(
  engine: Engine,
  group: GroupRecord,
  way: { place: Place; variant: Variant; market: Market },
): InstanceRecord {
  const { place, variant, market } = way;
  const { templateId, version, data } = currentVersion(engine, variant.template);
  const { instanceType = data.InstanceType, imageId = data.ImageId } = variant;
  const spec = launchSpecOf(engine, {
    ...data,
    InstanceType: instanceType,
    ImageId: imageId,
    ...(market && { InstanceMarketOptions: market }),
  });
  const propagated = group.tags.filter(({ propagate }) => propagate).map(({ key, value }) => [key, value]);
  const tags = {
    ...spec.tags?.instance,
    ...Object.fromEntries(propagated),
    'aws:autoscaling:groupName': group.name,
  };
  const [instance] = runInstances(
    engine,
    {
      ...spec,
      zone: place.zone,
      subnetId: place.subnetId,
      tags: { ...spec.tags, instance: tags },
      launchTemplate: { id: templateId, version },
    },
    1,
  );
  return instance as InstanceRecord;
}

/** A member as it begins, launched or attached. */
export function newMember(
  engine: Engine,
  group: GroupRecord,
  instance: InstanceRecord,
): Omit<MemberRecord, 'activityId'> {
  const now = engine.clock.now();
  const from = instance.launchTemplate;
  return {
    instanceId: instance.instanceId,
    group: group.name,
    state: 'Pending',
    since: now,
    healthy: true,
    zone: instance.zone,
    instanceType: instance.instanceType,
    imageId: instance.imageId,
    template: from && {
      id: from.id,
      name: launchTemplates(engine).get(from.id)?.templateName ?? '',
      version: String(from.version),
    },
    protected: group.newInstancesProtected,
    launchedAt: now,
    actions: [],
  };
}

/** After a failed launch: 5 s, 10 s, 20 s … at most 5 minutes, at the engine's speed. */
export function backOff(engine: Engine, group: GroupRecord, message: string): void {
  const failures = (group.backoff?.failures ?? 0) + 1;
  const delay = engine.latency.scale(Math.min(5_000 * 2 ** (failures - 1), 300_000));
  groups(engine).patch(group.name, {
    backoff: { failures, retryAt: engine.clock.now() + delay, message },
  });
}
