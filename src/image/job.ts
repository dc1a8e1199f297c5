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

  constructor(run: Run) {
    this.#clock = new MeteredClock(run.clock);
    this.run = run.part({ clock: this.#clock });
  }

  get account(): TimeAccount {
    return { steps: this.#times, pollingMs: Math.round(this.#clock.pollingMs) };
  }

  async step<T>(name: string, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    if (this.run.signal.aborted) throw new Interrupted();
    return await this.#timed(name, () => this.run.step(name, title, work));
  }

  /** Keeps how long a part of a step took: one provisioner of a layer. */
  async part<T>(step: Step, name: string, work: () => Promise<T>): Promise<T> {
    return await this.#timed(`${step.name}/${name}`, work);
  }

  /** What failed has taken its time, too. */
  async #timed<T>(step: string, work: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#times.push({ step, durationMs: Math.round(this.#clock.now() - startedAt) });
    }
  }
}
