import { count, formatDuration } from '../../../run/format.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { onInstances } from './words.ts';

/** Messages wait, instances are in service, and nobody takes any. Pure. */
export function notConsuming(facts: Facts): Finding[] {
  const { queue, instances, machines } = facts;
  const ready = instances.filter(({ lifecycle }) => lifecycle === 'InService');
  if (!queue || ready.length === 0) return [];
  const { first, last, apart } = queue;
  const idle =
    first.visible > 0 && first.inFlight === 0 && last.inFlight === 0 && last.visible >= first.visible;
  if (!idle) return [];
  const working = machines.filter(({ running, broken }) => running.length > 0 && broken.length === 0);
  const broken = machines.filter((one) => one.broken.length > 0);
  return [
    {
      cause: 'worker not consuming',
      // A worker that does not run is told of above.
      weight: broken.length > 0 && working.length === 0 ? 'possible' : 'likely',
      summary: `${count(last.visible, 'message')} ${last.visible === 1 ? 'waits' : 'wait'} in ${last.name}, and none was taken in ${formatDuration(apart)} though ${count(ready.length, 'instance')} ${ready.length === 1 ? 'is' : 'are'} in service`,
      evidence: [
        `${last.name}: ${first.visible} waiting then, ${last.visible} now, ${last.inFlight} in flight`,
        ...machines.map(({ id, running }) =>
          running.length > 0
            ? `${id}: ${running.join(', ')} ${running.length === 1 ? 'runs' : 'run'}`
            : `${id}: no service that was installed there runs`,
        ),
        ...(machines.length === 0
          ? ['whether the worker runs is not known: no instance could be asked']
          : []),
      ],
      advice: [
        'The worker runs and does not receive: look at the queue and region that it is configured with, and whether it hangs (its last log lines).',
        '`bake smoke` sends it a message and watches; `bake rollback` goes back to the last verified release.',
      ],
    },
  ];
}

/** Dead letters sent so lately are of what runs now. Milliseconds. */
const LATELY = 3_600_000;

/** Pure. */
export function deadLetters(facts: Facts): Finding[] {
  const { queue, now } = facts;
  if (!queue?.dead) return [];
  const { first, last, messages } = queue.dead;
  const total = last.visible + last.inFlight;
  if (total === 0) return [];
  const growing = total > first.visible + first.inFlight;
  const recent = messages?.filter(({ sentAt }) => now - sentAt < LATELY) ?? [];
  const old = total - recent.length;
  const lately = recent.length > 0 ? `, ${recent.length} of them sent in the last hour` : '';
  const newest =
    messages && messages.length > 0 ? Math.max(...messages.map(({ sentAt }) => sentAt)) : undefined;
  return [
    {
      cause: 'dead-letter queue filling',
      weight: growing ? 'certain' : recent.length > 0 ? 'likely' : 'possible',
      summary: `${count(total, 'message')} could not be processed and ${total === 1 ? 'lies' : 'lie'} in ${last.name}${lately}`,
      evidence: [
        ...(growing ? [`${last.name} grew while bake looked`] : []),
        ...(newest === undefined
          ? []
          : [`the newest was sent ${formatDuration(Math.max(0, now - newest))} ago`]),
        ...recent
          .slice(0, 3)
          .map(({ id, sentAt }) => `message ${id}, sent ${new Date(sentAt).toISOString()}`),
        ...(messages === undefined ? ['when they were sent could not be looked at'] : []),
        ...(old > 0 && recent.length > 0 ? [`${old} are older, or were not looked at`] : []),
      ],
      advice: [
        `A message goes there after ${queue.last.deadLetter?.maxReceiveCount ?? 'its'} attempts that all failed: the worker's log says why (its errors are below).`,
        'When the cause is gone, move them back: `aws sqs start-message-move-task --source-arn ' +
          last.arn +
          '`.',
      ],
    },
  ];
}

/** Instances that a target group does not send to. Pure. */
export function targetsUnhealthy(facts: Facts): Finding[] {
  return facts.targets.flatMap(({ group, targets }): Finding[] => {
    const bad = targets.filter(({ state }) => state === 'unhealthy' || state === 'unavailable');
    if (bad.length === 0) return [];
    return [
      {
        cause: 'targets unhealthy',
        weight: 'certain',
        summary: `target group ${group.name} finds ${bad.length} of ${count(targets.length, 'target')} unhealthy: ${onInstances(
          bad.map(({ instanceId }) => instanceId),
          facts,
        )}`,
        evidence: bad.map(
          ({ instanceId, port, reason }) => `${instanceId}:${port}: ${reason ?? 'unhealthy'}`,
        ),
        advice: [
          `Its health check asks ${group.healthCheckPath === undefined ? `port ${group.port}` : `for ${group.healthCheckPath} on port ${group.port}`}: the application has to answer there, and the instances' security group has to let the load balancer in.`,
        ],
      },
    ];
  });
}
