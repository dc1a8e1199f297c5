import { count, formatDuration } from '../run/format.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { SmokeCheck } from './report.ts';

/** Below this it is no accident that the new release answered none of the requests. */
const NO_ACCIDENT = 0.05;
/** Without a body to know the release by: at least so many right answers in a row are asked for, and never more than so many. */
const FEWEST = 3;
const MOST = 100;

/** How many requests it takes until chance no longer explains that the new release got none. `miss`: that one request is another's. Pure. */
export const requestsNeeded = (miss: number): number =>
  miss <= 0 ? FEWEST : Math.min(MOST, Math.max(FEWEST, Math.ceil(Math.log(NO_ACCIDENT) / Math.log(miss))));

/** The answers of one endpoint, counted. */
export class Tally {
  asked = 0;
  /** With the right status. */
  right = 0;
  /** With the body of the new release. */
  matching = 0;
  /** Right ones since the last wrong one. */
  #streak = 0;
  readonly #problems = new Map<string, number>();
  readonly #status: number;
  readonly #body: RegExp | undefined;

  constructor(status: number, body: RegExp | undefined) {
    this.#status = status;
    this.#body = body;
  }

  add(answer: HttpAnswer | { problem: string }): void {
    this.asked++;
    const problem = 'problem' in answer ? answer.problem : this.#wrong(answer);
    if (problem !== undefined) {
      this.#problems.set(problem, (this.#problems.get(problem) ?? 0) + 1);
      this.#streak = 0;
      return;
    }
    this.right++;
    this.#streak++;
    if (this.#body?.test((answer as HttpAnswer).body)) this.matching++;
  }

  #wrong = ({ status }: HttpAnswer) => (status === this.#status ? undefined : `answered ${status}`);

  /** Whether the new release is proven to answer. */
  proves(miss: number): boolean {
    return this.#body ? this.matching > 0 : this.#streak >= requestsNeeded(miss);
  }

  get words(): string {
    const release = this.#body ? `, ${this.matching} by the new release` : '';
    return `${this.right} of ${count(this.asked, 'request')} answered ${this.#status}${release}`;
  }

  /** What to make of them when the time is over, or when it is proven. Pure. */
  check(about: string, facts: { release: string; miss: number; timeout: number }): SmokeCheck {
    const { release, miss } = facts;
    const within = `within ${formatDuration(facts.timeout)}`;
    const problems = [...this.#problems].map(([problem, times]) => `${problem} (${times} times)`);
    const check = { name: 'http' as const, about, details: problems };
    if (this.proves(miss)) return { ...check, verdict: 'passed', summary: `${about}: ${this.words}` };
    if (this.right === 0)
      return {
        ...check,
        verdict: 'failed',
        summary: `${about}: none of ${count(this.asked, 'request')} was answered ${this.#status} ${within} (${problems.join(', ')})`,
      };
    if (!this.#body)
      return this.#problems.size > 0
        ? {
            ...check,
            verdict: 'failed',
            summary: `${about}: only ${this.words} ${within} (${problems.join(', ')})`,
          }
        : {
            ...check,
            verdict: 'inconclusive',
            summary: `${about}: ${this.words} ${within}, too few to tell`,
          };
    const chance = miss ** this.right;
    if (chance < NO_ACCIDENT)
      return {
        ...check,
        verdict: 'failed',
        summary: `${about}: none of ${count(this.right, 'answer')} ${within} was release ${release}'s (${this.#body})`,
      };
    return {
      ...check,
      verdict: 'inconclusive',
      summary: `${about}: none of ${count(this.right, 'answer')} ${within} was release ${release}'s, which is chance in ${Math.round(chance * 100)} % of cases`,
    };
  }
}
