import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { count } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { instancesUnhealthy, launchesFail } from './causes/launches.ts';
import { errorsInLogs } from './causes/logs.ts';
import { diskFull, outOfMemory, serviceFails } from './causes/machine.ts';
import { instanceSilent, noEgress, unreachable } from './causes/network.ts';
import { missingPermission } from './causes/permission.ts';
import { deadLetters, notConsuming, targetsUnhealthy } from './causes/queue.ts';
import { userDataError } from './causes/user-data.ts';
import { oldVersions, processesSuspended } from './causes/versions.ts';
import type { Facts } from './facts.ts';
import { type Diagnosis, type Finding, inOrder } from './finding.ts';
import { gatherFacts } from './gather.ts';

/** Each looks at the facts for one cause, and knows nothing of the others. */
const RECOGNISERS: ((facts: Facts) => Finding[])[] = [
  launchesFail,
  userDataError,
  noEgress,
  missingPermission,
  outOfMemory,
  diskFull,
  unreachable,
  serviceFails,
  instanceSilent,
  targetsUnhealthy,
  instancesUnhealthy,
  oldVersions,
  notConsuming,
  deadLetters,
  processesSuspended,
  errorsInLogs,
];

/** What explains the facts, most likely first. Pure. */
export const findingsIn = (facts: Facts): Finding[] =>
  inOrder(RECOGNISERS.flatMap((recognise) => recognise(facts)));

/** Explains an unhealthy fleet, in half a minute at most; changes nothing. Exit code 2 where there is no group. */
export async function diagnose(run: Run, cloud: Cloud, project: Project): Promise<Diagnosis> {
  const { facts, blind } = await run.step('diagnose', 'Looking at the fleet', (step) => {
    step.progress('instances, their consoles and journals, activities, queues, logs, network');
    return gatherFacts(run, cloud, project);
  });
  const group = facts.groups[0]!.name;
  return { group, findings: findingsIn(facts), looked: lookedAt(facts), blind };
}

/** What there was to be seen, a line each, so that "nothing wrong" means something. Pure. */
export function lookedAt(facts: Facts): string[] {
  const { instances, machines, activities, queue, targets, errors, securityGroups, refreshes } = facts;
  const ready = instances.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy).length;
  const reached = machines.flatMap(({ reach }) => reach);
  return [
    `${count(instances.length, 'instance')}, ${ready} in service and healthy; ${count(machines.length, 'one', 'of them')} asked by command (user data, services, journal, disk, memory)`,
    ...(reached.length > 0
      ? [`${count(new Set(reached.map(({ endpoint }) => endpoint)).size, 'endpoint')} tried from there`]
      : []),
    `${count(activities.length, 'scaling activity', 'scaling activities')} of the last hour, ${count(refreshes.length, 'instance refresh', 'instance refreshes')}`,
    `${count(securityGroups.length, 'security group')}`,
    ...targets.map(({ group, targets }) => `target group ${group.name}: ${count(targets.length, 'target')}`),
    ...(queue
      ? [
          `queue ${queue.last.name}: ${queue.last.visible} waiting, ${queue.last.inFlight} in flight${queue.dead ? `; ${queue.dead.last.visible + queue.dead.last.inFlight} in ${queue.dead.last.name}` : ''}`,
        ]
      : []),
    `logs of the last hour: ${count(errors.length, 'error')}`,
  ];
}
