import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { type GroupRecord, invalid, isSuspended, requireGroup } from './groups.ts';
import { type MemberRecord, members } from './members.ts';
import { requireMember } from './membership.ts';

/** The EC2 health check: an instance in service that does not run any more is unhealthy, grace period or not. */
export function checkHealth(engine: Engine, group: GroupRecord, member: MemberRecord): MemberRecord {
  if (member.state !== 'InService' || !member.healthy || isSuspended(group, 'HealthCheck')) return member;
  if (instances(engine).get(member.instanceId)?.state === 'running') return member;
  return members(engine).patch(member.instanceId, {
    healthy: false,
    unhealthyBecause: 'an EC2 health check indicating it has been terminated or stopped',
  });
}

/**
 * SetInstanceHealth. While the grace period lasts, "Unhealthy" has no effect unless the caller says not to respect it.
 * Throws ValidationError.
 */
export function setHealth(engine: Engine, instanceId: string, status: string, respectGrace: boolean): void {
  if (status !== 'Healthy' && status !== 'Unhealthy') {
    throw invalid(`Valid instance health states are: [Healthy, Unhealthy], not ${status}.`);
  }
  const member = requireMember(engine, instanceId);
  const group = requireGroup(engine, member.group);
  if (status === 'Unhealthy' && respectGrace && inGrace(engine, group, member)) return;
  members(engine).patch(instanceId, {
    healthy: status === 'Healthy',
    unhealthyBecause: status === 'Healthy' ? undefined : 'a user health-check',
  });
}

const inGrace = (engine: Engine, group: GroupRecord, member: MemberRecord) =>
  member.inServiceAt === undefined ||
  engine.clock.now() < member.inServiceAt + engine.latency.scale(group.grace * 1000);
