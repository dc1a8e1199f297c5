import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { type ProbeResult, pretend, probe, type TargetAnswer } from './probe.ts';
import { type TargetGroupRecord, type TargetRecord, targetGroups, targets } from './records.ts';
import { addressOf, healthOf, targetKey } from './targets.ts';
import { groupsInUse } from './use.ts';

/** What instances without processes answer, by instance id; without an entry they are well. */
export const targetAnswers = (engine: Engine) => engine.store.table<TargetAnswer>('targetAnswers');

/** Checks what is due of targets that are in use, ends drainings, and lets go of instances that are gone. */
export function targetChecks(engine: Engine): (now: number) => number | undefined {
  /** Checks under way: they belong to the process; a restart asks again. */
  const underWay = new Set<string>();

  return (now) => {
    let next: number | undefined;
    const wake = (at: number) => {
      next = Math.min(next ?? at, at);
    };
    if (targets(engine).size === 0) return next;
    const inUse = groupsInUse(engine);
    for (const target of targets(engine).all()) {
      const key = targetKey(target.groupArn, target.id, target.port);
      const group = targetGroups(engine).get(target.groupArn);
      if (!group || (target.drainUntil !== undefined && target.drainUntil <= now) || isGone(engine, target)) {
        targets(engine).delete(key);
      } else if (target.drainUntil !== undefined) {
        wake(target.drainUntil);
      } else if (inUse.has(group.arn) && isCheckable(engine, group, target) && !underWay.has(key)) {
        const at = target.nextCheckAt <= now ? now + interval(engine, group) : target.nextCheckAt;
        wake(at);
        if (at === target.nextCheckAt) continue;
        targets(engine).patch(key, { nextCheckAt: at });
        check(key, group, target);
      }
    }
    return next;
  };

  function check(key: string, group: TargetGroupRecord, target: TargetRecord): void {
    const instance = instances(engine).get(target.id);
    if (instance && engine.runtime.kind === 'none') {
      record(engine, key, group, pretend(group.healthCheck, targetAnswers(engine).get(target.id)));
      return;
    }
    const { port } = group.healthCheck;
    underWay.add(key);
    engine.background(`health check of ${target.id}`, async () => {
      const result = await probe(
        group.healthCheck,
        addressOf(engine, target),
        port === 'traffic-port' ? target.port : Number(port),
      ).finally(() => underWay.delete(key));
      record(engine, key, group, result);
    });
  }
}

const interval = (engine: Engine, { healthCheck }: TargetGroupRecord) =>
  engine.latency.scale(healthCheck.intervalSeconds * 1_000);

const isGone = (engine: Engine, { id }: TargetRecord) =>
  id.startsWith('i-') && (instances(engine).get(id)?.state ?? 'terminated') === 'terminated';

function isCheckable(engine: Engine, group: TargetGroupRecord, target: TargetRecord): boolean {
  const { state } = instances(engine).get(target.id) ?? { state: 'running' };
  return group.healthCheck.enabled && state === 'running';
}

/**
 * One check's outcome. A new target is healthy after its first success; else it takes as many in a row as the group's thresholds
 * say. Source: "Health checks for Application Load Balancer target groups".
 */
function record(engine: Engine, key: string, group: TargetGroupRecord, result: ProbeResult): void {
  const target = targets(engine).get(key);
  if (!target || healthOf(engine, target).state === 'draining') return;
  const { passed, reason, description } = result;
  const count = target.streak.passed === passed ? target.streak.count + 1 : 1;
  const { healthyThreshold, unhealthyThreshold } = group.healthCheck;
  const streak = { passed, count: Math.min(count, Math.max(healthyThreshold, unhealthyThreshold)) };
  if (passed && (target.state === 'initial' || count >= healthyThreshold))
    targets(engine).patch(key, { streak, state: 'healthy', reason: undefined, description: undefined });
  else if (!passed && count >= unhealthyThreshold)
    targets(engine).patch(key, { streak, state: 'unhealthy', reason, description });
  else if (!passed && target.state === 'initial') {
    targets(engine).patch(key, {
      streak,
      reason: 'Elb.InitialHealthChecking',
      description: 'Initial health checks in progress',
    });
  } else targets(engine).patch(key, { streak });
}
