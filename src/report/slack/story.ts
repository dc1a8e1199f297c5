import type { RunEvent } from '../../run/events.ts';
import { type EventOf, encloses, lineOf } from '../lines.ts';
import { noStyle } from '../style.ts';
import type { RunBegin } from '../team.ts';

/** Steps that take back what a rollout has begun. */
const UNDOING = new Set(['rollout.rollback', 'rollout.restore', 'rollout.undrain', 'rollout.remove']);

/** Who had it done. */
export interface Who {
  /** In Slack's mrkdwn: "by ann@laptop". */
  words: string;
  /** The address of the job that does it, where one does. */
  link?: string;
}

interface OpenStep {
  name: string;
  title: string;
  progress?: EventOf<'step.progress'>;
}

/** What a run has come to, as far as a channel wants to know. */
export class ChannelStory {
  begin: RunBegin;
  readonly who: Who;
  run = '-';
  /** Steps that have ended, and warnings, a line each. */
  readonly lines: string[] = [];
  /** It takes back what it has begun. */
  undoing = false;
  end: EventOf<'run.finished'> | undefined;
  readonly #open: OpenStep[] = [];

  constructor(begin: RunBegin, who: Who) {
    this.begin = begin;
    this.who = who;
  }

  /** Whether there is anything new to say. */
  add(event: RunEvent): boolean {
    this.run = event.run;
    switch (event.type) {
      case 'run.started':
        this.begin = event;
        return true;
      case 'step.started':
        this.undoing ||= UNDOING.has(event.step);
        this.#open.push({ name: event.step, title: event.title });
        return true;
      case 'step.progress': {
        const step = this.#open.findLast(({ name }) => name === event.step);
        if (step) step.progress = event;
        return step !== undefined;
      }
      case 'step.finished':
      case 'step.failed': {
        const at = this.#open.findLastIndex(({ name }) => name === event.step);
        this.#open.splice(at, at < 0 ? 0 : 1);
        this.#note(event);
        return true;
      }
      case 'step.skipped':
      case 'warning':
        this.#note(event);
        return false;
      case 'run.finished':
        this.end = event;
        return true;
      default:
        return false;
    }
  }

  /** What goes on now, outermost first. */
  get open(): readonly OpenStep[] {
    return this.#open;
  }

  #note(event: RunEvent): void {
    const depth = 'step' in event ? this.#open.filter(({ name }) => encloses(name, event.step)).length : 0;
    this.lines.push(`${'  '.repeat(depth)}${lineOf(event, noStyle)}`);
  }
}
