import type { Cloud, Queue } from '../clouds/cloud.ts';
import type { SmokeConfig } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';

type SqsConfig = NonNullable<SmokeConfig['sqs']>;

/** The queue of the smoke test, or a sentence (exit code 2). */
export async function testedQueue(cloud: Cloud, config: SqsConfig): Promise<Queue> {
  const queue = await cloud.queues.find(config.queue);
  if (queue) return queue;
  throw usageError(
    `queue ${config.queue} of the smoke test does not exist in ${cloud.region}`,
    'Create it, or put smoke.sqs.queue right in bake.yaml.',
  );
}

/** Messages that lie in the queue's dead-letter queue; undefined where it has none. Approximate, and late by up to a minute. */
export async function deadLetterCount(cloud: Cloud, queue: Queue): Promise<number | undefined> {
  if (!queue.deadLetter) return undefined;
  const found = await cloud.queues.find(queue.deadLetter.name);
  return found && found.visible + found.inFlight;
}
