import type { Cloud } from '../clouds/cloud.ts';
import { BakeError, messageOf } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import { append, entryText, readLockLog } from './lock-log.ts';
import { workWords } from './lock-words.ts';
import type { FleetLock, RolloutRecord } from './record.ts';

/** How long a lock outlives the last sign of life of its process. Milliseconds. */
export const LEASE = 5 * 60_000;
const RENEW_EVERY = LEASE / 3;

/** A lock while this process holds it. It renews itself on the run's clock until it is let go or lost. */
export class HeldLock implements FleetLock {
  readonly #run: Run;
  readonly #cloud: Cloud;
  readonly #name: string;
  readonly #fleet: string;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  #record: RolloutRecord;
  /** Number of the last version known to count. */
  #top: number;
  /** One writing at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    place: { run: Run; cloud: Cloud; name: string; fleet: string },
    record: RolloutRecord,
    top: number,
  ) {
    this.#run = place.run;
    this.#cloud = place.cloud;
    this.#name = place.name;
    this.#fleet = place.fleet;
    this.#record = record;
    this.#top = top;
    void this.#keep();
  }

  get record(): RolloutRecord {
    return this.#record;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  note(changes: Partial<RolloutRecord>): Promise<void> {
    return this.#next(async () => {
      if (this.#ended.signal.aborted)
        throw new BakeError(`the lock of fleet ${this.#fleet} has been let go already`);
      await this.#write({ ...this.#record, ...changes, expires: this.#run.clock.now() + LEASE });
    });
  }

  release(): Promise<void> {
    return this.#end((now) => this.#write(this.#record, now));
  }

  leave(): Promise<void> {
    return this.#end((now) => this.#write({ ...this.#record, left: now }));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #end(write: (now: number) => Promise<void>): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    await this.#next(() => write(this.#run.clock.now())).catch(() => {}); // It expires.
  }

  async #write(record: RolloutRecord, released?: number): Promise<void> {
    for (;;) {
      if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
      const text = entryText(record, this.#top, released);
      const first = await append(this.#cloud, this.#name, this.#top, text);
      if (first) this.#top++;
      if (first || (await this.#standsAs(text))) break;
    }
    this.#record = record;
  }

  /**
   * Something else was written in between: whether it is our own writing, whose answer was lost. An entry that came too late for
   * another's number is nothing to us: then it is written again. Throws when the lock is another's.
   */
  async #standsAs(text: string): Promise<boolean> {
    const { top, entry } = await readLockLog(this.#cloud, this.#name);
    if (entry?.text === text) {
      this.#top = top;
      return true;
    }
    const mine = entry?.released === undefined && entry?.record.run === this.#record.run;
    if (!mine) this.#lose(whoHas(entry?.released === undefined ? entry?.record : undefined));
    this.#top = top;
    return false;
  }

  #lose(how: string): void {
    const error = new BakeError(`the lock of fleet ${this.#fleet} was lost: ${how}`, {
      hint: '`bake status` shows who works on it.',
    });
    if (!this.#lost.signal.aborted) this.#lost.abort(error);
  }

  async #keep(): Promise<void> {
    const { clock } = this.#run;
    const over = AbortSignal.any([this.#ended.signal, this.#lost.signal]);
    const pause = (ms: number, signal: AbortSignal) =>
      clock.sleep(ms, signal, { background: true }).then(
        () => true,
        () => false,
      );
    while (await pause(RENEW_EVERY, over)) {
      // A cloud that does not answer must not keep us believing: by the expiry, others may.
      const answered = new AbortController();
      let failure = 'the cloud does not answer';
      const renewal = this.note({}).catch((error: unknown) => {
        failure = messageOf(error);
      });
      void renewal.finally(() => answered.abort());
      const left = this.#record.expires - clock.now();
      await Promise.race([renewal, pause(Math.max(0, left), AbortSignal.any([over, answered.signal]))]);
      if (clock.now() >= this.#record.expires) this.#lose(`it could not be renewed: ${failure}`);
    }
  }
}

const whoHas = (record: RolloutRecord | undefined) =>
  record === undefined ? 'somebody removed it' : `${record.owner} has taken it for ${workWords(record)}`;
