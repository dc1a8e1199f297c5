import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
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
  /** By release: how long a worker holds the messages that it takes, ten at a time. Milliseconds; without it each is done at once. */
  readonly takes = new Map<string, number>();
  /** Workers whose instances a terminate hook holds finish what they have, and then let the instance go. */
  finishes = false;
  /** By message body: how often it was begun. */
  readonly begun = new Map<string, number>();
  /** By instance: what its worker holds, and until when. */
  #held = new Map<string, { messages: Message[]; until: number; behaviour: Behaviour }>();
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

  /**
   * One turn of every instance: at most one message each, or ten where they are slow. `leaving`: instances that a lifecycle hook keeps
   * until they have finished. What an instance that is in neither list held is lost, and comes back by itself. `now` in milliseconds
   * since the epoch. Returns those of `leaving` that hold nothing any more.
   */
  async turn(
    instances: { id: string; release: string }[],
    now: number,
    leaving: string[] = [],
  ): Promise<string[]> {
    const there = new Set([...instances.map(({ id }) => id), ...leaving]);
    for (const [id, { messages, until, behaviour }] of this.#held) {
      if (there.has(id) && until > now) continue;
      this.#held.delete(id);
      if (there.has(id)) await this.#handle(messages, id, behaviour, now);
    }
    // Everyone gets to be first in turn, as receivers that wait in a queue do.
    const first = this.#turns++ % Math.max(1, instances.length);
    for (const { id, release } of [...instances.slice(first), ...instances.slice(0, first)]) {
      const behaviour = this.behaviours.get(release) ?? 'works';
      if (behaviour === 'deaf' || this.stopped.has(id)) continue;
      if (this.#held.has(id)) continue;
      const takes = this.takes.get(release);
      const MaxNumberOfMessages = takes === undefined ? 1 : 10;
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages }),
      );
      for (const { Body = '' } of Messages) this.begun.set(Body, (this.begun.get(Body) ?? 0) + 1);
      if (takes !== undefined && Messages.length > 0)
        this.#held.set(id, { messages: Messages, until: now + takes, behaviour });
      else await this.#handle(Messages, id, behaviour, now);
    }
    return leaving.filter((id) => !this.#held.has(id));
  }

  /** Puts jobs into the queue, from "job FROM" up to "job TO", the last not included. Returns how many. */
  async send(from: number, to: number): Promise<number> {
    for (let first = from; first < to; first += 10) {
      const Entries = Array.from({ length: Math.min(10, to - first) }, (_, index) => ({
        Id: String(index),
        MessageBody: `job ${first + index}`,
      }));
      await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
    }
    return Math.max(0, to - from);
  }

  /** `ms`: how long a message that was received stays away from the others, milliseconds. */
  async setVisibility(ms: number): Promise<void> {
    const Attributes = { VisibilityTimeout: String(ms / 1_000) };
    await this.#sqs.send(new SetQueueAttributesCommand({ QueueUrl: this.queueUrl, Attributes }));
  }

  async #handle(messages: Message[], id: string, behaviour: Behaviour, now: number): Promise<void> {
    if (behaviour === 'eats' || messages.length === 0) return;
    const bodies = messages.map(({ Body = '' }) => Body);
    const lines = bodies.flatMap((body) => [
      ...(behaviour === 'logs errors' ? [`ERROR cannot open the index for ${body}`] : []),
      `done ${body}`,
    ]);
    await this.#log(id, lines, now);
    for (const body of bodies) this.processed.set(body, [...(this.processed.get(body) ?? []), id]);
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }));
  }

  async #log(id: string, messages: string[], timestamp: number): Promise<void> {
    const names = { logGroupName: this.logGroup, logStreamName: `worker/${id}` };
    if (!this.#streams.has(id)) await this.#logs.send(new CreateLogStreamCommand(names));
    this.#streams.add(id);
    const logEvents = messages.map((message) => ({ timestamp, message }));
    await this.#logs.send(new PutLogEventsCommand({ ...names, logEvents }));
  }

  close(): void {
    this.#sqs.destroy();
    this.#logs.destroy();
  }
}
