import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { EventSink, RunEventBody } from './events.ts';
import type { Journal } from './journal.ts';
import { Redactor } from './redact.ts';

/**
 * What every long job is handed: its id, its clock, its abort signal, its journal, and a voice.
 * A run owns what it creates: the id is in the tags of everything it makes in a cloud.
 */
export class Run {
  readonly id: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  readonly redactor: Redactor;
  readonly startedAt: number;
  /** What programs of the user's that the run starts get beside its facts: how they reach the same cloud. `undefined` unsets one. */
  readonly environment: Record<string, string | undefined>;
  readonly #sink: EventSink;

  constructor(options: {
    id: string;
    journal: Journal;
    sink: EventSink;
    signal: AbortSignal;
    clock?: Clock;
    redactor?: Redactor;
    environment?: Record<string, string | undefined>;
  }) {
    this.id = options.id;
    this.clock = options.clock ?? systemClock;
    this.signal = options.signal;
    this.journal = options.journal;
    this.redactor = options.redactor ?? new Redactor();
    this.environment = options.environment ?? {};
    this.#sink = options.sink;
    this.startedAt = this.clock.now();
  }

  /**
   * The same run as one of several jobs sees it that go on at the same time: `name` stands before the steps, messages and facts
   * of the job. Another `clock` may count what this job waits for; `pass` may keep an event of the job to itself (false). Another
   * `signal` ends it: what undoes is not ended by what asked for it.
   */
  part(options: {
    name?: string;
    clock?: Clock;
    pass?: (event: RunEventBody) => boolean;
    signal?: AbortSignal;
  }): Run {
    const { id, journal, redactor, environment } = this;
    const { name, clock = this.clock, signal = this.signal, pass = () => true } = options;
    const sink: EventSink = (event) => {
      if (pass(event)) this.emit(name === undefined ? event : inPart(name, event));
    };
    return new Run({ id, journal, signal, redactor, environment, clock, sink });
  }

  emit(body: RunEventBody): void {
    const event = { time: new Date(this.clock.now()).toISOString(), run: this.id, ...body };
    this.#sink(this.redactor.redact(event));
  }

  note(message: string): void {
    this.emit({ type: 'note', message });
  }

  warn(message: string): void {
    this.emit({ type: 'warning', message });
  }

  fact(name: string, value: unknown): void {
    this.emit({ type: 'fact', name, value });
  }

  /** One step of the story. What `work` returns is the step's value; `summary` is said beside the finished title. */
  async step<T>(name: string, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const startedAt = this.clock.now();
    const step = new Step(this, name);
    this.emit({ type: 'step.started', step: name, title });
    try {
      const value = await work(step);
      const durationMs = this.clock.now() - startedAt;
      this.emit({ type: 'step.finished', step: name, title, summary: step.summary, durationMs });
      return value;
    } catch (error) {
      const durationMs = this.clock.now() - startedAt;
      this.emit({ type: 'step.failed', step: name, title, message: messageOf(error), durationMs });
      throw error;
    }
  }

  skip(name: string, title: string, reason: string): void {
    this.emit({ type: 'step.skipped', step: name, title, reason });
  }
}

/** The voice within one step. */
export class Step {
  readonly name: string;
  /** Said beside the title when the step finishes: "ami-0abc, 2 layers reused". */
  summary: string | undefined;
  readonly #run: Run;
  #last = '';

  constructor(run: Run, name: string) {
    this.#run = run;
    this.name = name;
  }

  /** Says what is happening now. Saying the same again is silent, so it may be called on every look of a poll. */
  progress(message: string, more: { percent?: number; remainingMs?: number } = {}): void {
    const key = `${message}|${more.percent}`;
    if (key === this.#last) return;
    this.#last = key;
    this.#run.emit({ type: 'step.progress', step: this.name, message, ...more });
  }

  output(source: string, line: string): void {
    this.#run.emit({ type: 'step.output', step: this.name, source, line });
  }
}

function inPart(part: string, event: RunEventBody): RunEventBody {
  switch (event.type) {
    case 'note':
    case 'warning':
      return { ...event, message: `${part}: ${event.message}` };
    case 'fact':
      return { ...event, name: `${part}.${event.name}` };
    case 'step.progress':
      return { ...event, step: `${part}/${event.step}` };
    case 'step.output':
      return { ...event, step: `${part}/${event.step}`, source: `${part} ${event.source}` };
    case 'run.started':
    case 'run.finished':
    case 'fleet.seen':
      return event;
    default:
      return { ...event, step: `${part}/${event.step}`, title: `${part}: ${event.title}` };
  }
}

/** Run ids sort by time and fit in every cloud's tag and name: `20261121-071530-4f2a9c`. */
export function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}
