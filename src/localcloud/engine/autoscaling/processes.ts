import type { Engine } from '../engine.ts';
import { groups, invalid, isSuspended, requireLiveGroup } from './groups.ts';

/** AWS: DescribeScalingProcessTypes. */
export const PROCESSES = [
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'Launch',
  'ReplaceUnhealthy',
  'ScheduledActions',
  'Terminate',
];

/** Without names: all of them. */
export function suspendProcesses(engine: Engine, name: string, processes: string[]): void {
  const group = requireLiveGroup(engine, name);
  const at = engine.clock.now();
  const fresh = known(processes).filter((process) => !isSuspended(group, process));
  groups(engine).patch(name, {
    suspended: [...group.suspended, ...fresh.map((process) => ({ process, at }))],
  });
}

/** Without names: all of them, whoever suspended them. */
export function resumeProcesses(engine: Engine, name: string, processes: string[]): void {
  const group = requireLiveGroup(engine, name);
  const resumed = known(processes);
  groups(engine).patch(name, {
    suspended: group.suspended.filter(({ process }) => !resumed.includes(process)),
    backoff: undefined,
  });
}

function known(processes: string[]): string[] {
  const unknown = processes.filter((process) => !PROCESSES.includes(process));
  if (unknown.length > 0) {
    throw invalid(
      `Invalid process type(s): ${unknown.join(', ')}. Valid process types are: [${PROCESSES.join(', ')}]`,
    );
  }
  return processes.length > 0 ? processes : PROCESSES;
}
