import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { Interrupted } from '../run/errors.ts';
import type { Run, Step } from '../run/run.ts';
import type { Scope } from '../run/scope.ts';
import { MeteredClock, type StepTime, type TimeAccount } from './time-account.ts';

/** What every part of a build is handed. */
export interface BuildJob {
  run: Run;
  cloud: Cloud;
  project: Project;
  /** Owns the builder and unfinished images. */
  scope: Scope;
  steps: Steps;
}

/** Tells the steps of a build, keeps account of where its time goes, and starts none after an interrupt. */
export class Steps {
  /** The run, on a clock that counts what polling costs. */
  readonly run: Run;
  readonly #clock: MeteredClock;
  readonly #times: StepTime[] = [];
  readonly #last: TimeAccount | undefined;

  /** `last` is the account of the last build, from which to learn what takes how long. */
  constructor(run: Run, last?: TimeAccount) {
    this.#clock = new MeteredClock(run.clock);
    this.run = run.part({ clock: this.#clock });
    this.#last = last;
  }

  get account(): TimeAccount {
    return { steps: this.#times, pollingMs: Math.round(this.#clock.pollingMs) };
  }

  /** About how long a step, or all of these parts of one, took before, in this build or the last. Milliseconds; undefined when one is not known. */
  expected(step: string, parts: string[] = []): number | undefined {
    const names = parts.length > 0 ? parts.map((part) => `${step}/${part}`) : [step];
    const times = names.map((name) =>
      [...(this.#last?.steps ?? []), ...this.#times].findLast((time) => time.step === name),
    );
    if (times.some((time) => time === undefined)) return undefined;
    // The end lay somewhere between the last two looks.
    return times.reduce((sum, time) => sum + time!.durationMs - (time!.pollingMs ?? 0) / 2, 0);
  }

  /** What failed has taken its time, too. */
  async step<T>(name: string, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    if (this.run.signal.aborted) throw new Interrupted();
    const startedAt = this.#clock.now();
    const polling = this.#clock.pollingMs;
    try {
      return await this.run.step(name, title, work);
    } finally {
      const pollingMs = Math.round(this.#clock.pollingMs - polling);
      this.#times.push({
        step: name,
        durationMs: Math.round(this.#clock.now() - startedAt),
        ...(pollingMs > 0 ? { pollingMs } : {}),
      });
    }
  }

  /** Keeps how long a part of a step took, milliseconds: one provisioner of a layer. */
  took(step: Step, part: string, durationMs: number): void {
    this.#times.push({ step: `${step.name}/${part}`, durationMs });
  }
}
