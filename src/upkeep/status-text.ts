import { count, formatDuration, table } from '../run/format.ts';
import type { FleetStatus, InstanceStatus } from './status.ts';

/** A status as lines of plain text, the instances as an aligned table. `now` in milliseconds since the epoch. Pure. */
export function statusLines(status: FleetStatus, now: number): string[] {
  const { template, verified, suspendedProcesses, queue } = status;
  return [
    `scaling group ${status.group}: ${count(status.desired, 'instance')} wanted (${status.min} to ${status.max}), launches version ${template.version} of launch template ${template.name}${named(template.release)}`,
    verified
      ? `last verified: release ${verified.release}${verified.version === undefined ? '' : ` (version ${verified.version})`}`
      : 'last verified: none yet',
    ...refreshLine(status, now),
    ...(suspendedProcesses.length > 0 ? [`suspended: ${suspendedProcesses.join(', ')}`] : []),
    '',
    ...table([
      ['INSTANCE', 'STATE', 'HEALTH', 'VERSION', 'RELEASE', 'ZONE', 'AGE', ''],
      ...status.instances.map((instance) => instanceRow(instance, now)),
    ]),
    ...(queue ? ['', queueLine(queue)] : []),
  ];
}

/** What the fleet is in one sentence. */
export function statusHeadline({ group, instances, desired, template, refresh }: FleetStatus): string {
  const ready = instances.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy).length;
  const stragglers = instances.filter((instance) => instance.straggler).length;
  const others = stragglers > 0 ? `, ${count(stragglers, 'straggler')}` : '';
  const active = refresh?.active ? `, a rollout is ${refresh.state}` : '';
  return `${group}: ${ready} of ${count(desired, 'instance')} in service${named(template.release)}${others}${active}`;
}

/** What to type next, from what was seen. */
export function statusHints({ instances, refresh, queue }: FleetStatus): string[] {
  const hints: string[] = [];
  if (instances.some((instance) => instance.straggler) && !refresh?.active)
    hints.push('bake rollout    # replaces the stragglers');
  if (queue?.deadLetters?.messages)
    hints.push(`look into queue ${queue.deadLetters.name}: messages that could not be processed are there`);
  return hints.length > 0 ? hints : ['bake smoke      # sends a test message'];
}

const named = (release: string | undefined) => (release === undefined ? '' : ` (release ${release})`);

function refreshLine({ refresh }: FleetStatus, now: number): string[] {
  if (!refresh) return [];
  const { active, state, percent, reason, version, endedAt } = refresh;
  const brings = version === undefined ? '' : ` to version ${version}`;
  const when = endedAt === undefined ? '' : `, ${formatDuration(now - endedAt)} ago`;
  const how = active ? `${state}, ${percent} %` : `${state}${when}`;
  return [`${active ? 'rollout' : 'last rollout'}${brings}: ${how}${reason ? ` (${reason})` : ''}`];
}

const instanceRow = (instance: InstanceStatus, now: number): string[] => [
  instance.id,
  instance.lifecycle,
  instance.healthy ? 'healthy' : 'unhealthy',
  String(instance.version ?? '-'),
  instance.release ?? '-',
  instance.zone,
  instance.launchedAt === undefined ? '-' : formatDuration(Math.max(0, now - instance.launchedAt)),
  instance.straggler ? '← straggler' : '',
];

const queueLine = ({ name, visible, inFlight, delayed, deadLetters }: NonNullable<FleetStatus['queue']>) =>
  `queue ${name}: ${visible} waiting, ${inFlight} in flight${delayed > 0 ? `, ${delayed} delayed` : ''}${
    deadLetters ? `; dead letters in ${deadLetters.name}: ${deadLetters.messages}` : '; no dead-letter queue'
  }`;
