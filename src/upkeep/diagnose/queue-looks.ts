import type { Cloud } from '../../clouds/cloud.ts';
import { DeadlineExceeded, messageOf } from '../../run/errors.ts';
import { poll } from '../../run/poll.ts';
import type { Run } from '../../run/run.ts';
import type { QueueLooks } from './facts.ts';
import type { Blind } from './finding.ts';

/** A queue from which nobody takes anything for so long is not worked on: longer than a worker's pause between two receives. Milliseconds. */
const WATCH = 5_000;
/** Dead letters that are looked at. */
const MOST_DEAD = 100;

/**
 * Watches a queue until somebody is seen to work on it, at most five seconds, and its dead-letter queue. Undefined where there is no
 * such queue. Dead letters that cannot be looked at are only counted; `blind` is told why.
 */
export async function lookAtQueue(
  run: Run,
  cloud: Cloud,
  name: string,
  blind: Blind[],
): Promise<QueueLooks | undefined> {
  const { queues } = cloud;
  const first = await queues.find(name);
  if (!first) throw new Error(`there is no queue ${name} in ${cloud.region}`);
  const began = run.clock.now();
  const findDead = async () => first.deadLetter && (await queues.find(first.deadLetter.name));
  const firstDead = await findDead();
  let last = first;
  await poll<true>(
    async () => {
      last = (await queues.find(name)) ?? last;
      const idle = last.visible > 0 && last.inFlight === 0 && last.visible >= first.visible;
      return idle ? { done: false, state: 'nobody takes anything' } : { done: true, value: true };
    },
    {
      what: name,
      timeout: WATCH,
      clock: run.clock,
      signal: run.signal,
      interval: { first: 500, longest: 1_000 },
    },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineExceeded)) throw error;
  });
  const apart = run.clock.now() - began;
  if (!firstDead) return { first, last, apart };
  const lastDead = (await findDead()) ?? firstDead;
  const messages =
    lastDead.visible + lastDead.inFlight === 0
      ? []
      : await queues.peek(lastDead, MOST_DEAD).catch((error: unknown) => {
          blind.push({ what: `dead letters in ${lastDead.name} (only counted)`, why: messageOf(error) });
          return undefined;
        });
  return { first, last, apart, dead: { first: firstDead, last: lastDead, messages } };
}
