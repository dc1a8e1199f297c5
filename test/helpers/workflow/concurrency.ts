interface Waiting {
  start(): void;
  cancel(): void;
}

/**
 * Concurrency groups: one at a time; of those that wait, a newer one takes the place of the older, which is cancelled. That jobs are cut off
 * (`cancel-in-progress: true`) is left to GitHub.
 */
export class ConcurrencyGroups {
  readonly #groups = new Map<string, { waiting?: Waiting }>();

  /** Waits for its turn. False: cancelled by a newer one. Call `leave` afterwards, when it was not. */
  async enter(group: string): Promise<boolean> {
    const held = this.#groups.get(group);
    if (!held) {
      this.#groups.set(group, {});
      return true;
    }
    held.waiting?.cancel();
    return new Promise((resolve) => {
      held.waiting = { start: () => resolve(true), cancel: () => resolve(false) };
    });
  }

  leave(group: string): void {
    const held = this.#groups.get(group);
    const next = held?.waiting;
    if (!held || !next) this.#groups.delete(group);
    else {
      held.waiting = undefined;
      next.start();
    }
  }
}
