import { deregisterTargets, registerTargets, targetHealth } from '../../elb/targets.ts';
import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { type GroupRecord, isSuspended } from '../groups.ts';
import { type MemberRecord, members } from '../members.ts';

/** A member goes into service: it is registered first. While process AddToLoadBalancer is suspended it stays out, for ever. */
export function registerEntering(engine: Engine, group: GroupRecord, member: MemberRecord): void {
  if (isSuspended(group, 'AddToLoadBalancer')) return;
  for (const { identifier, removing } of group.trafficSources) {
    if (!removing) registerMember(engine, member.instanceId, identifier);
  }
}

export function registerMember(engine: Engine, instanceId: string, identifier: string): void {
  const { targets = [] } = members(engine).get(instanceId) as MemberRecord;
  if (
    attempt(engine, () => registerTargets(engine, identifier, [instanceId])) &&
    !targets.includes(identifier)
  ) {
    members(engine).patch(instanceId, { targets: [...targets, identifier] });
  }
}

/** A member goes out of service: requests under way may finish. */
export function deregisterMember(engine: Engine, { instanceId, targets = [] }: MemberRecord): void {
  for (const identifier of targets) {
    attempt(engine, () => deregisterTargets(engine, identifier, [instanceId]));
  }
}

/** Still finishing requests for a load balancer. */
export const isDraining = (engine: Engine, { instanceId, targets = [] }: MemberRecord): boolean =>
  targets.some((identifier) => targetHealth(engine, identifier, instanceId) === 'draining');

const hasElbCheck = ({ healthCheckType }: GroupRecord) => healthCheckType.split(',').includes('ELB');

/** The ELB health check has found it unhealthy, if the group has that check. */
export const failsElb = (engine: Engine, group: GroupRecord, { instanceId, targets = [] }: MemberRecord) =>
  hasElbCheck(group) &&
  targets.some((identifier) => targetHealth(engine, identifier, instanceId) === 'unhealthy');

/** Every load balancer that asks it is content with it; where none asks, so is the group. */
export function passesElb(
  engine: Engine,
  group: GroupRecord,
  { instanceId, targets = [] }: MemberRecord,
): boolean {
  if (!hasElbCheck(group)) return true;
  const states = targets.map((identifier) => targetHealth(engine, identifier, instanceId));
  return states.every((state) => state === undefined || state === 'healthy' || state === 'unused');
}

/** A target group may have been deleted meanwhile: that is not the group's failure. */
function attempt(engine: Engine, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    engine.log(`load balancing: ${error.message}`);
    return false;
  }
}
