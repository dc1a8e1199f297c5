import { randomUUID } from 'node:crypto';
import type { Clock } from '../run/clock.ts';
import type { Posted } from '../slack/post.ts';

/** What is being done to an environment because somebody has asked for it. */
export interface Matter {
  environment: string;
  /** "roll back production" */
  what: string;
  /** Who has asked. */
  user: string;
  since: number;
  /** Where it is told. */
  posted?: Posted;
}

/** One command at a time for each environment; who comes second is told what is under way. */
export class Desk {
  readonly #matters = new Map<string, Matter>();

  /** Takes a matter up, or returns the one that is in its way. */
  take(matter: Matter): Matter | undefined {
    const other = this.#matters.get(matter.environment);
    if (!other) this.#matters.set(matter.environment, matter);
    return other;
  }

  leave(matter: Matter): void {
    if (this.#matters.get(matter.environment) === matter) this.#matters.delete(matter.environment);
  }
}

export type Answer = { how: 'go' | 'leave'; user: string } | { how: 'late' | 'stopped' };

interface Question {
  matter: Matter;
  settle: (answer: Answer) => void;
}

/** Questions with buttons, each answered once: by a press, by its time, or by the end of the bot. */
export class Questions {
  readonly #open = new Map<string, Question>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens a question for `within` milliseconds. */
  ask(matter: Matter, within: number): { id: string; answer: Promise<Answer> } {
    const id = randomUUID();
    const settled = new AbortController();
    const answer = new Promise<Answer>((resolve) => {
      const settle = (how: Answer) => {
        this.#open.delete(id);
        settled.abort();
        resolve(how);
      };
      this.#open.set(id, { matter, settle });
      this.#clock.sleep(within, settled.signal, { background: true }).then(
        () => settle({ how: 'late' }),
        () => {},
      );
    });
    return { id, answer };
  }

  /** What an open question is about; undefined for one that has been answered, or is of an earlier bot. */
  matterOf(id: string): Matter | undefined {
    return this.#open.get(id)?.matter;
  }

  /** Answers an open question; false where somebody was quicker. */
  answer(id: string, answer: Answer): boolean {
    const question = this.#open.get(id);
    question?.settle(answer);
    return question !== undefined;
  }

  stop(): void {
    for (const { settle } of [...this.#open.values()]) settle({ how: 'stopped' });
  }
}
