import type { Engine } from '../engine.ts';
import { describeAttributes } from '../queues/attributes.ts';
import { messagesOf, queues } from '../queues/records.ts';
import { isOfInterest } from './interest.ts';
import { putMetric } from './metrics.ts';

/** SQS sends its metrics each minute. Milliseconds, before the engine's speed shortens them. */
const INTERVAL_MS = 60_000;

const NAMESPACE = 'AWS/SQS';

const published = (engine: Engine) => engine.store.table<number>('metricsPublished');

/** What SQS tells CloudWatch of every queue, as long as somebody reads it. Source: SQS "Available CloudWatch metrics". */
export function publishQueueMetrics(engine: Engine, now: number): number | undefined {
  if (!isOfInterest(engine, NAMESPACE)) return undefined;
  const due =
    (published(engine).get(NAMESPACE) ?? Number.NEGATIVE_INFINITY) + engine.latency.scale(INTERVAL_MS);
  if (due > now) return due;
  published(engine).put(NAMESPACE, now);
  for (const queue of queues(engine).all()) {
    const attributes = describeAttributes(engine, queue);
    const put = (name: string, value: number, unit: string) =>
      putMetric(engine, { namespace: NAMESPACE, name, dimensions: { QueueName: queue.name }, value, unit });
    put('ApproximateNumberOfMessagesVisible', Number(attributes.ApproximateNumberOfMessages), 'Count');
    put(
      'ApproximateNumberOfMessagesNotVisible',
      Number(attributes.ApproximateNumberOfMessagesNotVisible),
      'Count',
    );
    put('ApproximateNumberOfMessagesDelayed', Number(attributes.ApproximateNumberOfMessagesDelayed), 'Count');
    const [oldest] = messagesOf(engine, queue.name).entries();
    put(
      'ApproximateAgeOfOldestMessage',
      oldest ? Math.floor((now - oldest[1].sentAt) / 1_000) : 0,
      'Seconds',
    );
  }
  return now + engine.latency.scale(INTERVAL_MS);
}
