import { addDatapoint, type Datapoint } from '../cloudwatch/datapoints.ts';
import { isOfInterest } from '../cloudwatch/interest.ts';
import { putMetric } from '../cloudwatch/metrics.ts';
import { publishEachMinute } from '../cloudwatch/publishing.ts';
import type { Engine } from '../engine.ts';
import { healthOf, targetsOf } from './targets.ts';
import { groupsInUse } from './use.ts';

const NAMESPACE = 'AWS/ApplicationELB';

type Sums = Omit<Datapoint, 'at'> & { name: string; dimensions: Record<string, string> };

/** What passed since the last minute's metrics: it belongs to the process. */
const passing = new WeakMap<Engine, Map<string, Sums>>();

/** Adds up one answer as its client got it: from a target, or from the load balancer itself (`groupArn` undefined). */
export function noteAnswer(
  engine: Engine,
  loadBalancerArn: string,
  groupArn: string | undefined,
  { status, seconds }: { status: number; seconds: number },
): void {
  if (!isOfInterest(engine, NAMESPACE)) return;
  const of = dimensionsOf(loadBalancerArn, groupArn);
  const class_ = `${Math.floor(status / 100)}XX_Count`;
  add(engine, 'RequestCount', dimensionsOf(loadBalancerArn), 1, 'Count');
  if (groupArn === undefined) {
    add(engine, `HTTPCode_ELB_${class_}`, of, 1, 'Count');
    return;
  }
  add(engine, 'RequestCount', of, 1, 'Count');
  add(engine, `HTTPCode_Target_${class_}`, of, 1, 'Count');
  add(engine, 'TargetResponseTime', of, seconds, 'Seconds');
}

function add(
  engine: Engine,
  name: string,
  dimensions: Record<string, string>,
  value: number,
  unit: string,
): void {
  const all = passing.get(engine) ?? new Map<string, Sums>();
  passing.set(engine, all);
  const key = JSON.stringify([name, dimensions]);
  const before = all.get(key);
  all.set(key, {
    name,
    dimensions,
    unit,
    sum: (before?.sum ?? 0) + value,
    count: (before?.count ?? 0) + 1,
    minimum: Math.min(before?.minimum ?? value, value),
    maximum: Math.max(before?.maximum ?? value, value),
  });
}

/** What load balancers tell CloudWatch. Source: "CloudWatch metrics for your Application Load Balancer". */
export const publishTraffic = (engine: Engine, now: number): number | undefined =>
  publishEachMinute(engine, NAMESPACE, now, () => {
    const sums = passing.get(engine) ?? new Map<string, Sums>();
    passing.delete(engine);
    for (const { name, dimensions, ...sum } of sums.values())
      addDatapoint(engine, { namespace: NAMESPACE, name, dimensions }, { ...sum, at: now });
    for (const [groupArn, loadBalancerArns] of groupsInUse(engine)) {
      const states = targetsOf(engine, groupArn).map((target) => healthOf(engine, target).state);
      const healthy = states.filter((state) => state === 'healthy').length;
      for (const loadBalancerArn of loadBalancerArns) {
        const dimensions = dimensionsOf(loadBalancerArn, groupArn);
        const requests = sums.get(JSON.stringify(['RequestCount', dimensions]))?.sum ?? 0;
        const put = (name: string, value: number) =>
          putMetric(engine, { namespace: NAMESPACE, name, dimensions, value, unit: 'Count' });
        put('HealthyHostCount', healthy);
        put('UnHealthyHostCount', states.filter((state) => state === 'unhealthy').length);
        if (healthy > 0) put('RequestCountPerTarget', requests / healthy);
      }
    }
  });

/** `app/NAME/ID` and `targetgroup/NAME/ID`, the ends of their ARNs. */
const dimensionsOf = (loadBalancerArn: string, groupArn?: string): Record<string, string> => ({
  ...(groupArn !== undefined && { TargetGroup: groupArn.split(':').at(-1) as string }),
  LoadBalancer: loadBalancerArn.split(':loadbalancer/').at(-1) as string,
});
