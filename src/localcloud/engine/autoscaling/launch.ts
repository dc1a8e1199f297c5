import { type InstanceRecord, runInstances } from '../ec2/instances.ts';
import { launchSpecOf, launchTemplates } from '../ec2/launch-templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { causeOf, endActivity, startActivity } from './activities.ts';
import { type GroupRecord, groups, type Place, type TemplateReference, zonesOf } from './groups.ts';
import { isActive, type MemberRecord, members, membersOf } from './members.ts';
import { currentVersion } from './templates.ts';

/** What new members are made from. */
export interface Configuration {
  template: TemplateReference;
  /** The refresh that brings it, if one runs. */
  refresh?: MemberRecord['refresh'];
}

/** Errors of one zone only: another may have room. */
const ELSEWHERE = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientFreeAddressesInSubnet',
  'Unsupported',
]);

/**
 * Launches one member, in the zone that has fewest; where that zone has no room, in the next. Every failure is a Failed
 * activity; returns the last of them, or undefined when an instance was made.
 */
export function launchMember(
  engine: Engine,
  group: GroupRecord,
  configuration: Configuration,
  cause: string[],
): ServiceError | undefined {
  let error: ServiceError | undefined;
  for (const place of placesByNeed(engine, group)) {
    error = tryLaunch(engine, group, configuration, place, cause);
    if (!error || !ELSEWHERE.has(error.code)) break;
  }
  return error;
}

/** One place per zone: the zone with fewest members first, and in each the subnet whose turn it is. */
function placesByNeed(engine: Engine, group: GroupRecord): Place[] {
  const counted = zonesOf(group).map((zone) => {
    const places = group.places.filter((place) => place.zone === zone);
    const count = membersOf(engine, group.name).filter((each) => isActive(each) && each.zone === zone).length;
    return { count, place: places[count % places.length] as Place };
  });
  return counted.sort((a, b) => a.count - b.count).map(({ place }) => place);
}

function tryLaunch(
  engine: Engine,
  group: GroupRecord,
  configuration: Configuration,
  place: Place,
  cause: string[],
): ServiceError | undefined {
  const details = {
    ...(place.subnetId && { 'Subnet ID': place.subnetId }),
    'Availability Zone': place.zone,
  };
  const begin = (description: string) =>
    startActivity(engine, group, { description, cause: causeOf(...cause), progress: 30, details });
  try {
    const instance = launchInstance(engine, group, configuration.template, place);
    const { id } = begin(`Launching a new EC2 instance: ${instance.instanceId}`);
    members(engine).put(instance.instanceId, {
      ...newMember(engine, group, instance),
      refresh: configuration.refresh,
      activityId: id,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = `${error.message.replace(/\.?$/, '.')} Launching EC2 instance failed.`;
    endActivity(engine, begin('Launching a new EC2 instance').id, 'Failed', message);
    return error;
  }
}

function launchInstance(
  engine: Engine,
  group: GroupRecord,
  template: TemplateReference,
  place: Place,
): InstanceRecord {
  const { templateId, version, data } = currentVersion(engine, template);
  const spec = launchSpecOf(engine, data);
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
