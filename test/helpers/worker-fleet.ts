import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { TestCloud } from './cloud.ts';

/**
 * What a release's worker does with messages. `eats`: receives and dies over it, so that the message comes back after the
 * visibility timeout.
 */
export type Behaviour = 'works' | 'deaf' | 'eats' | 'logs errors';

/** The workers of a fleet, without processes: each instance in service receives, logs and deletes through the real clients. */
export class WorkerFleet {
  readonly #sqs: SQSClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #streams = new Set<string>();
  #turns = 0;
  /** By release. */
  readonly behaviours = new Map<string, Behaviour>();
  /** By message body: the instances that processed it. */
  readonly processed = new Map<string, string[]>();
  /** Instances whose worker was stopped, by id: they receive nothing. */
  readonly stopped = new Set<string>();
  readonly logGroup = '/testing/worker';
  queueUrl = '';

  constructor({ client }: TestCloud) {
    this.#sqs = new SQSClient(client);
    this.#logs = new CloudWatchLogsClient(client);
  }

  /** A queue, its dead-letter queue and the log group: the application's own infrastructure. */
  async install(visibilityTimeout: number): Promise<void> {
    const dead = await this.#sqs.send(new CreateQueueCommand({ QueueName: 'jobs-dead' }));
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const redrive = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 });
    const { QueueUrl } = await this.#sqs.send(
      new CreateQueueCommand({
        QueueName: 'jobs',
        Attributes: { VisibilityTimeout: String(visibilityTimeout / 1_000), RedrivePolicy: redrive },
      }),
    );
    this.queueUrl = QueueUrl!;
    await this.#logs.send(new CreateLogGroupCommand({ logGroupName: this.logGroup }));
  }

  /** One turn of every instance: at most one message each. `now` in milliseconds since the epoch. */
  async turn(instances: { id: string; release: string }[], now: number): Promise<void> {
    // Everyone gets to be first in turn, as receivers that wait in a queue do.
    const first = this.#turns++ % Math.max(1, instances.length);
    for (const { id, release } of [...instances.slice(first), ...instances.slice(0, first)]) {
      const behaviour = this.behaviours.get(release) ?? 'works';
      if (behaviour === 'deaf' || this.stopped.has(id)) continue;
      const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand({ QueueUrl: this.queueUrl }));
      for (const message of Messages) await this.#handle(message, id, behaviour, now);
    }
  }

  async #handle(message: Message, id: string, behaviour: Behaviour, now: number): Promise<void> {
    if (behaviour === 'eats') return;
    const body = message.Body!;
    if (behaviour === 'logs errors') await this.#log(id, `ERROR cannot open the index for ${body}`, now);
    await this.#log(id, `done ${body}`, now);
    this.processed.set(body, [...(this.processed.get(body) ?? []), id]);
    await this.#sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: message.ReceiptHandle }),
    );
  }

  async #log(id: string, message: string, timestamp: number): Promise<void> {
    const names = { logGroupName: this.logGroup, logStreamName: `worker/${id}` };
    if (!this.#streams.has(id)) await this.#logs.send(new CreateLogStreamCommand(names));
    this.#streams.add(id);
    await this.#logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp, message }] }));
  }

  close(): void {
    this.#sqs.destroy();
    this.#logs.destroy();
  }
}
