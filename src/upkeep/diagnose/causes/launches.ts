import { count, formatDuration } from '../../../run/format.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { groupedBy } from './words.ts';

/** What to do about a launch that failed, by the cloud's words. */
const ADVICE: [RegExp, string][] = [
  [
    /capacity/i,
    'There is no room for this instance type in that zone: name more subnets (fleet.subnets), or another fleet.instanceType.',
  ],
  [/limit|quota/i, 'The account’s quota is used up: ask for more, or end what is not needed.'],
  [
    /iam|authori[sz]ed|permission|profile/i,
    'The launch needs a permission or an instance profile that is not there.',
  ],
  [/image|ami-/i, '`bake rollout --release` brings a release whose image exists.'],
];

/** Scaling activities that failed to launch, newest first, unless a launch has succeeded since. Pure. */
export function launchesFail({ activities, now }: Facts): Finding[] {
  const launches = activities.filter(({ activity }) => /launch/i.test(activity.description));
  const failed = launches.filter(({ activity }) => activity.state === 'failed');
  return groupedBy(
    failed,
    ({ group, activity }) => `${group}: ${activity.message ?? activity.description}`,
  ).map(([message, ones]) => {
    const last = Math.max(...ones.map(({ activity }) => activity.startedAt));
    const since = launches.some(
      ({ group, activity }) =>
        activity.state === 'successful' && group === ones[0]!.group && activity.startedAt > last,
    );
    const known = ADVICE.find(([pattern]) => pattern.test(message))?.[1];
    return {
      cause: 'launches fail',
      weight: since ? 'possible' : 'certain',
      summary: `${count(ones.length, 'launch', 'launches')} of instances failed, the last ${formatDuration(now - last)} ago${since ? ', and one has succeeded since' : ''}`,
      evidence: [message],
      advice: [known ?? 'Put right what the message names; the group tries again by itself.'],
    };
  });
}

/** Fewer instances in service than wanted, or unhealthy ones, without a rollout that explains it. Pure. */
export function instancesUnhealthy({ groups, instances, refreshes, activities }: Facts): Finding[] {
  const [front] = groups;
  if (!front) return [];
  const own = instances.filter(({ group }) => group === front.name);
  const ready = own.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy);
  const replaced = activities.filter(
    ({ group, activity }) =>
      group === front.name && /terminat/i.test(activity.description) && /health/i.test(activity.cause),
  );
  const rolling = refreshes.some(({ endedAt }) => endedAt === undefined);
  const short = ready.length < front.desired && !rolling;
  if (!short && replaced.length < 2) return [];
  const states = own.filter((one) => !ready.includes(one));
  return [
    {
      cause: 'instances unhealthy',
      weight: short ? 'certain' : 'likely',
      summary: short
        ? `${ready.length} of ${count(front.desired, 'wanted instance')} of ${front.name} ${ready.length === 1 ? 'is' : 'are'} in service and healthy`
        : `${count(replaced.length, 'instance')} of ${front.name} ${replaced.length === 1 ? 'was' : 'were'} replaced as unhealthy in the last hour`,
      evidence: [
        ...states.map(
          ({ id, lifecycle, healthy }) => `${id}: ${lifecycle}, ${healthy ? 'healthy' : 'unhealthy'}`,
        ),
        ...[...new Set(replaced.map(({ activity }) => activity.cause))].slice(0, 2),
      ],
      advice: [
        'Look at the causes above first; what an instance says about itself is in `bake diagnose --json`.',
      ],
    },
  ];
}
