import { count, formatDuration, table } from '../run/format.ts';
import type { FleetStatus, GroupStatus, InstanceStatus, TargetStatus } from './status.ts';

/** A status as lines of plain text, the instances as an aligned table. `now` in milliseconds since the epoch. Pure. */
export function statusLines(status: FleetStatus, now: number): string[] {
  const { verified, back, queue, lock, unknown } = status;
  const [first = '', ...rest] = groupLines(status, now);
  return [
    first,
    verified
      ? `last verified: release ${verified.release}${verified.version === undefined ? '' : ` (version ${verified.version})`}`
      : 'last verified: none yet',
    ...(lock ? [lockLine(lock, now)] : []),
    ...rest,
    ...(back ? ['', `behind it: ${groupLines(back, now)[0]}`, ...groupLines(back, now).slice(1)] : []),
    ...(queue ? ['', queueLine(queue)] : []),
    ...unknown.map(({ what, why }) => `${what}: not known (${why})`),
  ];
}

function groupLines(status: GroupStatus, now: number): string[] {
  const { group, colour, template, desired, min, max, suspendedProcesses, targets } = status;
  const instances = status.instances.map((instance) => instanceRow(instance, now));
  return [
    `scaling group ${group}${colour === undefined ? '' : ` (${colour})`}: ${count(desired, 'instance')} wanted (${min} to ${max}), launches version ${template.version} of launch template ${template.name}${named(template.release)}`,
    ...refreshLine(status, now),
    ...(suspendedProcesses.length > 0 ? [`suspended: ${suspendedProcesses.join(', ')}`] : []),
    ...targets.map(targetLine),
    '',
    ...(instances.length === 0
      ? ['no instances']
      : table([['INSTANCE', 'STATE', 'HEALTH', 'VERSION', 'RELEASE', 'ZONE', 'AGE', ''], ...instances])),
  ];
}

/** What the fleet is in one sentence. */
export function statusHeadline({ group, instances, desired, template, refresh, lock }: FleetStatus): string {
  const ready = instances.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy).length;
  const stragglers = instances.filter((instance) => instance.straggler).length;
  const others = stragglers > 0 ? `, ${count(stragglers, 'straggler')}` : '';
  const active = refresh?.active ? `, a rollout is ${refresh.state}` : '';
  const locked = lock && !refresh?.active ? `, locked by ${lock.owner}` : '';
  return `${group}: ${ready} of ${count(desired, 'instance')} in service${named(template.release)}${others}${active}${locked}`;
}

/** What to type next, from what was seen. */
export function statusHints({ instances, refresh, queue, lock, targets }: FleetStatus): string[] {
  const hints: string[] = [];
  if (instances.some((instance) => instance.straggler) && !refresh?.active && !lock)
    hints.push('bake rollout    # replaces the stragglers');
  if (queue?.deadLetters?.messages)
    hints.push(`look into queue ${queue.deadLetters.name}: messages that could not be processed are there`);
  const sick = instances.some(({ healthy }) => !healthy) || targets.some(({ states }) => states.unhealthy);
  if (sick) hints.push('bake diagnose   # tells why');
  return hints.length > 0 ? hints : ['bake smoke      # sends a test message'];
}

const named = (release: string | undefined) => (release === undefined ? '' : ` (release ${release})`);

function refreshLine({ refresh }: GroupStatus, now: number): string[] {
  if (!refresh) return [];
  const { active, state, percent, reason, version, endedAt } = refresh;
  const brings = version === undefined ? '' : ` to version ${version}`;
  const when = endedAt === undefined ? '' : `, ${formatDuration(now - endedAt)} ago`;
  const how = active ? `${state}, ${percent} %` : `${state}${when}`;
  return [`${active ? 'rollout' : 'last rollout'}${brings}: ${how}${reason ? ` (${reason})` : ''}`];
}

/** "lock: ann@laptop, `bake rollout` of release 2 (blue-green, phase waiting) for 5 m". */
function lockLine(lock: NonNullable<FleetStatus['lock']>, now: number): string {
  const { owner, command, release, strategy, phase, since, expires, left } = lock;
  const work = `\`bake ${command}\`${release === undefined ? '' : ` of release ${release}`}`;
  const how = [strategy, phase].filter((word) => word !== undefined).join(', ');
  const gone =
    left !== undefined
      ? `; left ${formatDuration(now - left)} ago`
      : expires <= now
        ? `; not renewed since ${formatDuration(now - expires)}: its process is gone`
        : '';
  return `lock: ${owner}, ${work}${how === '' ? '' : ` (${how})`} for ${formatDuration(now - since)}${gone}`;
}

const targetLine = ({ name, states }: TargetStatus): string => {
  const words = Object.entries(states).map(([state, n]) => `${n} ${state}`);
  return `target group ${name}: ${words.length > 0 ? words.join(', ') : 'no targets'}`;
};

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
