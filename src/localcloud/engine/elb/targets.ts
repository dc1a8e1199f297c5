import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { attributeOf } from './attributes.ts';
import { type TargetGroupRecord, type TargetRecord, targetGroups, targets } from './records.ts';
import { isInUse } from './use.ts';

export type TargetHealth = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';

/** A target as requests name it; without a port it is the group's. */
export interface TargetRequest {
  id: string;
  port?: number;
}

/** Throws TargetGroupNotFound. */
export function findTargetGroup(engine: Engine, arn: string): TargetGroupRecord {
  const group = targetGroups(engine).get(arn);
  if (!group) throw new ServiceError('TargetGroupNotFound', `Target groups '${arn}' not found`);
  return group;
}

export const targetsOf = (engine: Engine, groupArn: string): TargetRecord[] =>
  targets(engine).filter((target) => target.groupArn === groupArn);

export const targetKey = (groupArn: string, id: string, port: number) => `${groupArn} ${id}:${port}`;

/** Where a target answers. */
export const addressOf = (engine: Engine, { id }: TargetRecord): string =>
  instances(engine).get(id)?.address ?? id;

/** Registers instances on the group's port. Throws TargetGroupNotFound, InvalidTarget. */
export const registerTargets = (engine: Engine, groupArn: string, instanceIds: string[]): void =>
  register(
    engine,
    groupArn,
    instanceIds.map((id) => ({ id })),
  );

/**
 * Ends the registration of instances on all their ports: they get no new requests, and what is under way may finish within the
 * deregistration delay. Those that are not registered are left alone. Throws TargetGroupNotFound.
 */
export const deregisterTargets = (engine: Engine, groupArn: string, instanceIds: string[]): void =>
  deregister(
    engine,
    groupArn,
    instanceIds.map((id) => ({ id })),
  );

/** All or none. One that is there stays as it is; one that is draining comes back. Throws TargetGroupNotFound, InvalidTarget. */
export function register(engine: Engine, groupArn: string, requests: TargetRequest[]): void {
  const group = findTargetGroup(engine, groupArn);
  for (const { id, port = group.port } of requests) {
    checkTarget(engine, group, id);
    checkPort(port);
  }
  for (const { id, port = group.port } of requests) {
    const key = targetKey(groupArn, id, port);
    const before = targets(engine).get(key);
    if (before && before.state !== 'draining') continue;
    targets(engine).put(key, {
      groupArn,
      id,
      port,
      state: 'initial',
      reason: 'Elb.RegistrationInProgress',
      description: 'Target registration is in progress',
      streak: { passed: true, count: 0 },
      nextCheckAt: engine.clock.now(),
    });
  }
}

/** Without a port: on all its ports. Throws TargetGroupNotFound. */
export function deregister(engine: Engine, groupArn: string, requests: TargetRequest[]): void {
  const group = findTargetGroup(engine, groupArn);
  const delay = Number(attributeOf(group, 'deregistration_delay.timeout_seconds')) * 1_000;
  const unused = !isInUse(engine, groupArn);
  for (const target of targetsOf(engine, groupArn)) {
    const asked = requests.some(
      ({ id, port }) => id === target.id && (port === undefined || port === target.port),
    );
    if (!asked || target.state === 'draining') continue;
    const key = targetKey(groupArn, target.id, target.port);
    if (unused) targets(engine).delete(key);
    else
      targets(engine).patch(key, {
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
        description: 'Target deregistration is in progress',
        drainUntil: engine.clock.now() + engine.latency.scale(delay),
      });
  }
}

/** Throws ValidationError. */
export function checkPort(port: number): void {
  if (!(port >= 1 && port <= 65_535))
    throw new ServiceError('ValidationError', `Port '${port}' must be from 1 to 65535`);
}

function checkTarget(engine: Engine, group: TargetGroupRecord, id: string): void {
  if (group.targetType === 'ip') {
    if (/^\d{1,3}(\.\d{1,3}){3}$/.test(id)) return;
    throw new ServiceError('ValidationError', `The IP address '${id}' is not a valid IPv4 address`);
  }
  const instance = instances(engine).get(id);
  if (!instance || instance.state === 'terminated' || instance.state === 'shutting-down')
    throw new ServiceError('InvalidTarget', `The following targets are not in a running state: '${id}'`);
}

/** What a load balancer thinks of a target at this moment: without a listener that uses its group it is unused. */
export function healthOf(
  engine: Engine,
  target: TargetRecord,
): { state: TargetHealth; reason?: string; description?: string } {
  const { state, reason, description } = target;
  if (state === 'draining') return { state, reason, description };
  if (!isInUse(engine, target.groupArn)) {
    return {
      state: 'unused',
      reason: 'Target.NotInUse',
      description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  const instance = instances(engine).get(target.id);
  if (instance && instance.state !== 'running' && instance.state !== 'pending') {
    return {
      state: 'unused',
      reason: 'Target.InvalidState',
      description: `Target is in the ${instance.state} state`,
    };
  }
  return { state, reason, description };
}

/** From the worst to the best. */
const ORDER: TargetHealth[] = ['unhealthy', 'draining', 'unused', 'initial', 'healthy'];

/** The health of an instance in a group, the worst of its ports; undefined when it is not registered. */
export function targetHealth(engine: Engine, groupArn: string, instanceId: string): TargetHealth | undefined {
  const states = targetsOf(engine, groupArn)
    .filter(({ id }) => id === instanceId)
    .map((target) => healthOf(engine, target).state);
  return ORDER.find((state) => states.includes(state));
}
