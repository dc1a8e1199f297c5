import type { Engine } from '../engine.ts';
import { describeAttributes } from '../queues/attributes.ts';
import { messagesOf, type QueueRecord, queues } from '../queues/records.ts';
import { putMetric } from './metrics.ts';
import { publishEachMinute } from './publishing.ts';

const NAMESPACE = 'AWS/SQS';

/** What SQS tells CloudWatch of every queue. Source: SQS "Available CloudWatch metrics". */
export const publishQueueMetrics = (engine: Engine, now: number): number | undefined =>
  publishEachMinute(engine, NAMESPACE, now, () => {
    for (const queue of queues(engine).all()) publish(engine, queue, now);
  });

function publish(engine: Engine, queue: QueueRecord, now: number): void {
  const attributes = describeAttributes(engine, queue);
  const dimensions = { QueueName: queue.name };
  const count = (name: string, attribute: string) =>
    putMetric(engine, {
      ...{ namespace: NAMESPACE, name, dimensions },
      value: Number(attributes[attribute]),
      unit: 'Count',
    });
  count('ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessages');
  count('ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesNotVisible');
  count('ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesDelayed');
  const [oldest] = messagesOf(engine, queue.name).entries();
  putMetric(engine, {
    ...{ namespace: NAMESPACE, name: 'ApproximateAgeOfOldestMessage', dimensions },
    value: oldest ? Math.floor((now - oldest[1].sentAt) / 1_000) : 0,
    unit: 'Seconds',
  });
}
