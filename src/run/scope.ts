import { BakeError, messageOf } from './errors.ts';
import type { Run } from './run.ts';

/** How something is made and how it is undone, together. */
export interface Resource<T> {
  /** "builder instance", "image": for the journal and for messages. */
  kind: string;
  /** The name or token it can be found by, known before it exists. */
  name: string;
  create(): Promise<T>;
  idOf(value: T): string;
  /** Must succeed when the thing is already gone. */
  remove(value: T): Promise<void>;
  /**
   * Removes whatever a failed or interrupted `create` may have made all the same (the call happened, the answer was lost).
   * Found by name or tag.
   */
  removeUnknown?(): Promise<void>;
}

/**
 * Owns what a run makes. What it holds is removed in reverse order when the scope ends, by success, error or signal,
 * unless it was kept. Clean-up is never aborted by the run's own signal.
 */
export class Scope {
  readonly #run: Run;
  readonly #held: { label: string; undo: () => Promise<void> }[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** Journals the intention, creates, journals the fact. Returns the value and a way to let go of it (`keep`) or remove it early. */
  async own<T>(resource: Resource<T>): Promise<Owned<T>> {
    const { journal } = this.#run;
    const { kind, name } = resource;
    journal.write({ entry: 'intend', kind, name });
    const pending = { label: `${kind} ${name}`, undo: async () => resource.removeUnknown?.() };
    this.#held.push(pending);
    const value = await resource.create();
    const id = resource.idOf(value);
    journal.write({ entry: 'made', kind, name, id });
    pending.label = `${kind} ${id}`;
    pending.undo = async () => {
      await resource.remove(value);
      journal.write({ entry: 'removed', kind, name, id });
    };
    return {
      value,
      keep: () => this.#forget(pending),
      remove: async () => {
        this.#forget(pending);
        await pending.undo();
      },
    };
  }

  #forget(item: { label: string; undo: () => Promise<void> }): void {
    const at = this.#held.indexOf(item);
    if (at >= 0) this.#held.splice(at, 1);
  }

  /** Removes everything still held, last made first. Failures do not stop it; they are told as warnings. */
  async close(): Promise<void> {
    const failures: string[] = [];
    for (const item of this.#held.splice(0).reverse()) {
      try {
        await item.undo();
      } catch (error) {
        failures.push(`${item.label}: ${messageOf(error)}`);
      }
    }
    for (const failure of failures) this.#run.warn(`could not remove ${failure}`);
    if (failures.length > 0)
      this.#run.warn(`left behind by run ${this.#run.id}; they carry the tag bake:run=${this.#run.id}`);
  }
}

export interface Owned<T> {
  readonly value: T;
  /** The thing has become the user's: it outlives the scope. */
  keep(): void;
  remove(): Promise<void>;
}

/** Runs `work` with a scope that is closed whatever happens. */
export async function withScope<T>(run: Run, work: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = new Scope(run);
  try {
    return await work(scope);
  } catch (error) {
    if (run.signal.aborted && !(error instanceof BakeError && error.exitCode === 130)) {
      throw new BakeError('interrupted', { exitCode: 130, cause: error });
    }
    throw error;
  } finally {
    await scope.close();
  }
}
