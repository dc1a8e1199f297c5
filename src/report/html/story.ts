import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../../run/events.ts';
import { type EventOf, encloses } from '../lines.ts';
import { FleetStory } from './fleet-story.ts';
import type { TriedFact } from './rehearsal-section.ts';

/** Lines of a step's output that are kept: the last ones. */
const OUTPUT_KEPT = 200;
/** Notes and warnings that are kept: the last ones. */
const REMARKS_KEPT = 2_000;

export interface StoryStep {
  name: string;
  title: string;
  /** How many steps it is within. */
  depth: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt?: number;
  state: 'running' | 'done' | 'failed' | 'skipped';
  /** What came of it, why it was skipped or failed; of one that runs, what it does. */
  words?: string;
  output: string[];
  /** Lines of output that were not kept. */
  dropped: number;
  checks: SmokeFact[];
}

/** What a smoke test found, as its fact says. */
export interface SmokeFact {
  name: string;
  /** Which one, where there may be several. */
  about?: string;
  verdict: string;
  summary: string;
  details: string[];
}

export interface Remark {
  at: number;
  kind: 'note' | 'warning';
  text: string;
}

/** A run as it is told by its events, from whatever of them has come so far. Keeps a bounded part of what is said, and all that happened. */
export class Story {
  readonly run: string;
  started: EventOf<'run.started'> | undefined;
  finished: EventOf<'run.finished'> | undefined;
  /** Times of the first and of the last event, milliseconds since the epoch. */
  from = Number.POSITIVE_INFINITY;
  to = 0;
  readonly steps: StoryStep[] = [];
  readonly remarks: Remark[] = [];
  /** Remarks that were not kept. */
  droppedRemarks = 0;
  readonly facts = new Map<string, unknown>();
  readonly fleet = new FleetStory();
  /** What was tried in a rehearsal. */
  readonly tried: TriedFact[] = [];

  constructor(run: string) {
    this.run = run;
  }

  add(event: RunEvent): void {
    const at = Date.parse(event.time);
    this.from = Math.min(this.from, at);
    this.to = Math.max(this.to, at);
    switch (event.type) {
      case 'run.started':
        this.started = event;
        break;
      case 'step.started':
        this.#begin(event.step, event.title, at);
        break;
      case 'step.progress': {
        const step = this.#running(event.step);
        if (step) step.words = event.message;
        break;
      }
      case 'step.output':
        this.#output(event);
        break;
      case 'step.finished':
        this.#end(event, at, 'done', event.summary);
        break;
      case 'step.failed':
        this.#end(event, at, 'failed', event.message);
        break;
      case 'step.skipped':
        this.#begin(event.step, event.title, at);
        this.#end(event, at, 'skipped', event.reason);
        break;
      case 'note':
      case 'warning':
        this.#remark({ at, kind: event.type, text: event.message });
        break;
      case 'fleet.seen':
        this.fleet.see(event, at);
        break;
      case 'fact':
        this.#fact(event);
        break;
      case 'run.finished':
        this.finished = event;
    }
  }

  /** Whether a step is going on. */
  get isWithinStep(): boolean {
    return this.steps.some(({ state }) => state === 'running');
  }

  /** Steps at which smoke tests said something, or that a hook of the user's was. */
  get gates(): StoryStep[] {
    return this.steps.filter(({ name, checks }) => checks.length > 0 || /(^|[./])(gate|hook)\b/.test(name));
  }

  #begin(name: string, title: string, startedAt: number): void {
    const depth = this.steps.filter((step) => step.state === 'running' && encloses(step.name, name)).length;
    this.steps.push({ name, title, depth, startedAt, state: 'running', output: [], dropped: 0, checks: [] });
  }

  #end(event: { step: string; title: string }, at: number, state: StoryStep['state'], words?: string): void {
    if (!this.#running(event.step)) this.#begin(event.step, event.title, at);
    const step = this.#running(event.step)!;
    Object.assign(step, { state, endedAt: at, words });
  }

  #running(name: string): StoryStep | undefined {
    return this.steps.findLast((step) => step.name === name && step.state === 'running');
  }

  #output({ step: name, source, line }: EventOf<'step.output'>): void {
    const step = this.#running(name);
    if (!step) return;
    step.output.push(`${source} │ ${stripVTControlCharacters(line)}`);
    if (step.output.length <= OUTPUT_KEPT) return;
    step.output.shift();
    step.dropped++;
  }

  #remark(remark: Remark): void {
    this.remarks.push(remark);
    if (this.remarks.length <= REMARKS_KEPT) return;
    this.remarks.shift();
    this.droppedRemarks++;
  }

  #fact({ name, value }: EventOf<'fact'>): void {
    if (name === 'rehearsal.scenario') this.tried.push(value as TriedFact);
    else this.facts.set(name, value);
    if (/(^|\.)smoke\.[^.]+$/.test(name) && isSmokeFact(value))
      this.steps.findLast(({ state }) => state === 'running')?.checks.push(value);
  }
}

function isSmokeFact(value: unknown): value is SmokeFact {
  const { verdict, summary, details } = (value ?? {}) as Partial<SmokeFact>;
  return typeof verdict === 'string' && typeof summary === 'string' && Array.isArray(details);
}
