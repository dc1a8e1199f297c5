import { findTargetGroup, targetHealth } from '../../elb/targets.ts';
import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { type GroupRecord, groups, invalid, requireLiveGroup } from '../groups.ts';
import { members, membersOf } from '../members.ts';
import { refuseDuringRefresh } from '../refresh/record.ts';
import type { TrafficSource } from './record.ts';
import { deregisterMember, registerMember } from './registration.ts';

/** Of one request, and of a group. Source: AWS "Quotas for Amazon EC2 Auto Scaling". */
const MOST_PER_REQUEST = 10;
const MOST_PER_GROUP = 50;

/** As a request names one; without a type it is `elbv2`. */
export interface SourceRequest {
  identifier: string;
  type?: string;
}

/** Throws ValidationError for a target group that does not exist, and for other kinds of traffic source. */
export function checkSources(engine: Engine, requests: SourceRequest[]): TrafficSource[] {
  if (requests.length > MOST_PER_REQUEST) {
    throw invalid(`At most ${MOST_PER_REQUEST} traffic sources can be named at once.`);
  }
  const identifiers = new Set(requests.map((request) => checkedIdentifier(engine, request)));
  return [...identifiers].map((identifier) => ({ identifier, type: 'elbv2' }));
}

function checkedIdentifier(engine: Engine, { identifier, type = 'elbv2' }: SourceRequest): string {
  if (type !== 'elbv2') {
    throw invalid(`Provided Traffic Sources may not be valid: the local cloud has none of type ${type}.`);
  }
  try {
    return findTargetGroup(engine, identifier).arn;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalid('Provided Target Groups may not be valid. Please ensure they exist and try again.');
  }
}

/** AttachTrafficSources, AttachLoadBalancerTargetGroups: all members in service are registered. Throws InstanceRefreshInProgress. */
export function attachSources(engine: Engine, name: string, requests: SourceRequest[]): void {
  const group = requireLiveGroup(engine, name);
  refuseDuringRefresh(engine, name);
  const added = checkSources(engine, requests);
  const kept = group.trafficSources.filter(
    ({ identifier }) => !added.some((source) => source.identifier === identifier),
  );
  if (kept.length + added.length > MOST_PER_GROUP) {
    throw invalid(`A group can have at most ${MOST_PER_GROUP} traffic sources.`);
  }
  groups(engine).patch(name, { trafficSources: [...kept, ...added] });
  for (const member of membersOf(engine, name)) {
    if (member.state !== 'InService') continue;
    for (const { identifier } of added) registerMember(engine, member.instanceId, identifier);
  }
}

/** DetachTrafficSources, DetachLoadBalancerTargetGroups: the instances drain, and keep running. */
export function detachSources(engine: Engine, name: string, identifiers: string[]): void {
  const group = requireLiveGroup(engine, name);
  const unknown = identifiers.filter(
    (each) => !group.trafficSources.some(({ identifier }) => identifier === each),
  );
  if (unknown.length > 0) {
    throw invalid(`Trying to remove Target Groups that are not part of the group: ${unknown.join(', ')}`);
  }
  for (const member of membersOf(engine, name)) {
    const targets = member.targets?.filter((target) => identifiers.includes(target));
    deregisterMember(engine, { ...member, targets });
  }
  groups(engine).patch(name, {
    trafficSources: group.trafficSources.map((source) =>
      identifiers.includes(source.identifier) ? { ...source, removing: true as const } : source,
    ),
  });
}

/** Forgets sources that were detached when the last of their instances has drained. */
export function finishDetaching(engine: Engine, group: GroupRecord): void {
  const drained = group.trafficSources.filter(
    (source) => source.removing && !hasDraining(engine, group, source.identifier),
  );
  if (drained.length === 0) return;
  const gone = drained.map(({ identifier }) => identifier);
  for (const member of membersOf(engine, group.name)) {
    if (!member.targets?.some((target) => gone.includes(target))) continue;
    const targets = member.targets.filter((target) => !gone.includes(target));
    members(engine).patch(member.instanceId, { targets });
  }
  groups(engine).patch(group.name, {
    trafficSources: group.trafficSources.filter((source) => !drained.includes(source)),
  });
}

const hasDraining = (engine: Engine, group: GroupRecord, identifier: string) =>
  membersOf(engine, group.name).some(
    ({ instanceId }) => targetHealth(engine, identifier, instanceId) === 'draining',
  );

/** `Added` means that all are registered, `InService` that at least one is healthy. Source: AWS TrafficSourceState. */
export function stateOfSource(engine: Engine, group: GroupRecord, { identifier, removing }: TrafficSource) {
  if (removing) return 'Removing';
  const serving = membersOf(engine, group.name).filter(({ state }) => state === 'InService');
  const states = serving.map(({ instanceId }) => targetHealth(engine, identifier, instanceId));
  if (states.includes('healthy')) return 'InService';
  return states.includes(undefined) ? 'Adding' : 'Added';
}
