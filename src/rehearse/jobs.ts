import { randomBytes } from 'node:crypto';
import type { Cloud, Queue } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';
import { MessageLedger } from '../smoke/ledger.ts';
import { queueName } from './adapt.ts';

/** A message whose worker went comes back after the visibility timeout of the rehearsal's queues, more than once. Milliseconds. */
const ACCOUNT_WITHIN = 90_000;

/** Jobs of a scenario, of the smoke test's form: each is followed to its end. */
export class Jobs {
  readonly #cloud: Cloud;
  readonly #ledger = new MessageLedger(`rehearsal${randomBytes(3).toString('hex')}`);
  readonly #sqs: NonNullable<Project['config']['smoke']['sqs']>;
  readonly #queue: Queue;
  readonly #dead: number;

  private constructor(
    cloud: Cloud,
    sqs: NonNullable<Project['config']['smoke']['sqs']>,
    queue: Queue,
    dead: number,
  ) {
    this.#cloud = cloud;
    this.#sqs = sqs;
    this.#queue = queue;
    this.#dead = dead;
  }

  /** Undefined where the configuration has no queue. */
  static async open(cloud: Cloud, project: Project): Promise<Jobs | undefined> {
    const { sqs } = project.config.smoke;
    const queue = sqs && (await cloud.queues.find(queueName(project)));
    return sqs && queue && new Jobs(cloud, sqs, queue, await deadLetters(cloud, queue));
  }

  async send(n: number): Promise<void> {
    for (let sent = 0; sent < n; sent++) {
      const mark = this.#ledger.nextMark();
      const body = this.#sqs.message.replaceAll('${smoke.id}', mark);
      const sentAt = Date.now();
      const id = await this.#cloud.queues.send(this.#queue.url, body, {});
      this.#ledger.messages.push({ mark, id, sentAt });
    }
  }

  /** Whether every message was processed, none is a dead letter, and the queue is empty; in words. */
  async account(run: Run): Promise<{ ok: boolean; words: string }> {
    const { messages } = this.#ledger;
    const state = async () => {
      const [queue, dead] = await Promise.all([
        this.#cloud.queues.find(this.#queue.url),
        deadLetters(this.#cloud, this.#queue),
      ]);
      if (messages.length > 0)
        for (const event of await this.#cloud.logs.search({
          group: this.#sqs.logGroup,
          since: this.#ledger.firstSentAt,
          pattern: this.#ledger.pattern,
        }))
          this.#ledger.note(event);
      const lying = queue ? queue.visible + queue.inFlight + queue.delayed : 0;
      return { lying, dead: dead - this.#dead, open: this.#ledger.unprocessed.length };
    };
    let last = { lying: 0, dead: 0, open: 0 };
    try {
      await poll(
        async () => {
          last = await state();
          const done = last.lying === 0 && last.open === 0;
          return done ? { done, value: undefined } : { done: false, state: wordsOf(last, messages.length) };
        },
        {
          what: 'the queue to be empty',
          timeout: ACCOUNT_WITHIN,
          clock: run.clock,
          signal: run.signal,
          interval: { longest: 1_000 },
        },
      );
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
    }
    const ok = last.lying === 0 && last.open === 0 && last.dead === 0;
    return { ok, words: wordsOf(last, messages.length) };
  }
}

function wordsOf({ lying, dead, open }: { lying: number; dead: number; open: number }, sent: number): string {
  const words = [sent === 0 ? 'queue' : `${sent - open} of ${sent} messages processed`];
  words.push(lying === 0 ? 'empty' : `${lying} lie in the queue`);
  if (dead > 0) words.push(`${dead} became dead letters`);
  return sent === 0 && lying === 0 && dead === 0 ? 'the queue is empty' : words.join(', ');
}

async function deadLetters(cloud: Cloud, { deadLetter }: Queue): Promise<number> {
  const dead = deadLetter && (await cloud.queues.find(deadLetter.name));
  return dead ? dead.visible + dead.inFlight : 0;
}
