import { setHealth } from '../autoscaling/health.ts';
import { members } from '../autoscaling/members.ts';
import { type InstanceRecord, instances } from '../ec2/instance-record.ts';
import { reclaimSpot } from '../ec2/spot-machine.ts';
import { internalReason, transition } from '../ec2/transitions.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { setMemberHealth } from '../ess/manual.ts';
import { essMembers } from '../ess/records.ts';
import { strike } from './occasions.ts';
import { type Fate, fates, type InstanceRule, instanceRules } from './records.ts';

/** Lets what was decided about instances happen to them. Before EC2's own machine, so that a boot fails before it begins. */
export function reconcileFates(engine: Engine, now: number): number | undefined {
  if (instanceRules(engine).size > 0) decideFates(engine);
  let wake: number | undefined;
  for (const fate of fates(engine).all()) {
    const instance = instances(engine).get(fate.instanceId);
    if (!instance || instance.state === 'terminated') {
      fates(engine).delete(fate.instanceId);
      continue;
    }
    const due = fate.effect && step(engine, instance, fate, now);
    if (due !== undefined) wake = Math.min(wake ?? due, due);
  }
  return wake;
}

/** Once for each new instance, and once more for one that a rule names. */
function decideFates(engine: Engine): void {
  const rules = instanceRules(engine);
  for (const instance of instances(engine).all()) {
    const { instanceId, state, booted } = instance;
    const fresh = state === 'pending' && !booted && !fates(engine).has(instanceId);
    const meant = (rule: InstanceRule) =>
      (rule.instanceId === undefined ? fresh : rule.instanceId === instanceId && rule.seen === 0) &&
      (rule.imageId === undefined || rule.imageId === instance.imageId) &&
      Object.entries(rule.tags ?? {}).every(([key, value]) => instance.tags[key] === value);
    if (!fresh && rules.filter(meant).length === 0) continue;
    const { effect, milliseconds } = strike(engine, rules, meant) ?? {};
    fates(engine).put(instanceId, { instanceId, effect, milliseconds });
  }
}

function step(engine: Engine, instance: InstanceRecord, fate: Fate, now: number): number | undefined {
  const { instanceId, state } = instance;
  if (fate.effect === 'fail-boot') {
    if (state === 'pending')
      transition(engine, instanceId, 'shutting-down', internalReason('Internal error on launch'));
    return done(engine, fate);
  }
  if (state !== 'running') return undefined;
  if (fate.effect === 'unhealthy' && !isInService(engine, instanceId)) return undefined;
  if (fate.dueAt === undefined) {
    const dueAt = now + (fate.milliseconds ?? 0);
    fates(engine).put(instanceId, { ...fate, dueAt });
    if (dueAt > now) return dueAt;
  } else if (fate.dueAt > now) return fate.dueAt;
  strikeDown(engine, fate);
  return done(engine, fate);
}

/** In a group of either cloud. */
const isInService = (engine: Engine, instanceId: string): boolean =>
  members(engine).get(instanceId)?.state === 'InService' ||
  essMembers(engine).get(instanceId)?.state === 'InService';

function strikeDown(engine: Engine, { instanceId, effect }: Fate): void {
  if (effect === 'unhealthy' && members(engine).has(instanceId))
    setHealth(engine, instanceId, 'Unhealthy', false);
  else if (effect === 'unhealthy') setMemberHealth(engine, instanceId, false);
  else if (effect === 'die')
    transition(engine, instanceId, 'shutting-down', internalReason('The machine under the instance failed'));
  else {
    try {
      reclaimSpot(engine, instanceId);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      engine.log(`fault: ${instanceId} is not reclaimed: ${error.message}`);
    }
  }
}

/** It stays in the table: its fate is not decided twice. */
function done(engine: Engine, { instanceId }: Fate): undefined {
  fates(engine).put(instanceId, { instanceId });
}
