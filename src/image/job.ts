import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { Interrupted } from '../run/errors.ts';
import type { Run, Step } from '../run/run.ts';
import type { Scope } from '../run/scope.ts';

/** What every part of a build is handed. */
export interface BuildJob {
  run: Run;
  cloud: Cloud;
  project: Project;
  /** Owns the builder and unfinished images. */
  scope: Scope;
  steps: Steps;
}

/** Tells the steps of a build, keeps how long each took, and starts none after an interrupt. */
export class Steps {
  readonly times: { step: string; durationMs: number }[] = [];
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async step<T>(name: string, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#run;
    if (signal.aborted) throw new Interrupted();
    const startedAt = clock.now();
    const value = await this.#run.step(name, title, work);
    this.times.push({ step: name, durationMs: clock.now() - startedAt });
    return value;
  }
}
