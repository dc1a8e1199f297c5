import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { type GroupRecord, invalid, isSuspended, requireGroup } from './groups.ts';
import { type MemberRecord, members } from './members.ts';
import { requireMember } from './membership.ts';
import { failsElb } from './traffic/registration.ts';

/**
 * The health checks. EC2's: an instance in service that does not run any more is unhealthy, grace period or not. ELB's, if the group
 * has it: what a load balancer has found unhealthy, after the grace period.
 */
export function checkHealth(engine: Engine, group: GroupRecord, member: MemberRecord): MemberRecord {
  if (member.state !== 'InService' || !member.healthy || isSuspended(group, 'HealthCheck')) return member;
  const fails = instances(engine).get(member.instanceId)?.state !== 'running';
  if (!fails && failsElb(engine, group, member) && !inGrace(engine, group, member)) {
    return members(engine).patch(member.instanceId, {
      healthy: false,
      unhealthyBecause: 'an ELB system health check failure',
    });
  }
  if (!fails) return member;
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
  member.inServiceAt === undefined || engine.clock.now() < graceOver(engine, group, member.inServiceAt);

const graceOver = (engine: Engine, group: GroupRecord, inServiceAt: number) =>
  inServiceAt + engine.latency.scale(group.grace * 1000);

/** When a member's grace period ends, if a load balancer is waiting for that. */
export function graceEnd(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  now: number,
): number | undefined {
  const at = graceOver(engine, group, member.inServiceAt ?? now);
  return at > now && member.healthy && failsElb(engine, group, member) ? at : undefined;
}
