import { putMetric } from '../cloudwatch/metrics.ts';
import type { Engine } from '../engine.ts';
import { type GroupRecord, groups } from './groups.ts';
import { isLaunching, isPending, isTerminating, type MemberRecord, membersOf, poolOf } from './members.ts';
import { unitsOf } from './mixed/variants.ts';
import { poolSize } from './warm-pool/size.ts';

/** Groups send their metrics each minute. Milliseconds, before the engine's speed shortens them. */
const INTERVAL_MS = 60_000;

/** When each group sent its metrics last, milliseconds. */
const published = (engine: Engine) => engine.store.table<number>('groupMetricsPublished');

/** Sends the metrics that groups have enabled. Source: AWS "CloudWatch metrics for Amazon EC2 Auto Scaling". */
export function publishGroupMetrics(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  for (const group of groups(engine).filter(({ metrics }) => metrics.length > 0)) {
    const interval = engine.latency.scale(INTERVAL_MS);
    const due = (published(engine).get(group.name) ?? Number.NEGATIVE_INFINITY) + interval;
    if (due <= now) publish(engine, group, now);
    next = Math.min(next ?? Number.POSITIVE_INFINITY, due <= now ? now + interval : due);
  }
  return next;
}

function publish(engine: Engine, group: GroupRecord, now: number): void {
  published(engine).put(group.name, now);
  const values = valuesOf(engine, group);
  for (const name of group.metrics) {
    putMetric(engine, {
      namespace: 'AWS/AutoScaling',
      name,
      dimensions: { AutoScalingGroupName: group.name },
      value: values[name] ?? 0,
    });
  }
}

function valuesOf(engine: Engine, group: GroupRecord): Record<string, number> {
  const live = membersOf(engine, group.name);
  const pool = poolOf(engine, group.name);
  const wanted = poolSize(group);
  const values: Record<string, number> = {
    GroupMinSize: group.min,
    GroupMaxSize: group.max,
    GroupDesiredCapacity: group.desired,
    WarmPoolDesiredCapacity: wanted,
    WarmPoolWarmedCapacity: pool.filter((member) => !isLaunching(member) && !isTerminating(member)).length,
    WarmPoolPendingCapacity: pool.filter(isLaunching).length,
    WarmPoolTerminatingCapacity: pool.filter(isTerminating).length,
    WarmPoolTotalCapacity: pool.length,
    GroupAndWarmPoolDesiredCapacity: group.desired + wanted,
    GroupAndWarmPoolTotalCapacity: unitsOf(live) + pool.length,
  };
  const parts: Record<string, (member: MemberRecord) => boolean> = {
    InService: ({ state }) => state === 'InService',
    Pending: isPending,
    Standby: ({ state }) => state === 'Standby',
    Terminating: isTerminating,
    Total: () => true,
  };
  for (const [part, belongs] of Object.entries(parts)) {
    const found = live.filter(belongs);
    values[`Group${part}Instances`] = found.length;
    values[`Group${part}Capacity`] = unitsOf(found);
  }
  return values;
}
