import type { Engine } from '../engine.ts';
import { groups, invalid, requireLiveGroup } from './groups.ts';

const OF_GROUP = ['InService', 'Pending', 'Standby', 'Terminating', 'Total'];

/** AWS: DescribeMetricCollectionTypes. */
export const METRICS = [
  'GroupMinSize',
  'GroupMaxSize',
  'GroupDesiredCapacity',
  ...OF_GROUP.map((part) => `Group${part}Instances`),
  ...OF_GROUP.map((part) => `Group${part}Capacity`),
  'WarmPoolDesiredCapacity',
  'WarmPoolWarmedCapacity',
  'WarmPoolPendingCapacity',
  'WarmPoolTerminatingCapacity',
  'WarmPoolTotalCapacity',
  'GroupAndWarmPoolDesiredCapacity',
  'GroupAndWarmPoolTotalCapacity',
];

/** Without names: all of them. */
export function enableMetrics(engine: Engine, name: string, metrics: string[], granularity: string): void {
  const group = requireLiveGroup(engine, name);
  if (granularity !== '1Minute') throw invalid('Granularity must be 1Minute.');
  const enabled = new Set([...group.metrics, ...known(metrics)]);
  groups(engine).patch(name, { metrics: METRICS.filter((metric) => enabled.has(metric)) });
}

export function disableMetrics(engine: Engine, name: string, metrics: string[]): void {
  const group = requireLiveGroup(engine, name);
  const disabled = known(metrics);
  groups(engine).patch(name, { metrics: group.metrics.filter((metric) => !disabled.includes(metric)) });
}

function known(metrics: string[]): string[] {
  const unknown = metrics.filter((metric) => !METRICS.includes(metric));
  if (unknown.length > 0) throw invalid(`Invalid metric type(s): ${unknown.join(', ')}`);
  return metrics.length > 0 ? metrics : METRICS;
}
