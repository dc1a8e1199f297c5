interface Ending {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** What load balancers have under way, by target: it may finish while the target drains, and ends when its registration does. */
export class InFlight {
  readonly #byTarget = new Map<string, Set<Ending>>();

  add(target: string, one: Ending): void {
    const all = this.#byTarget.get(target) ?? new Set<Ending>();
    this.#byTarget.set(target, all.add(one));
    one.once('close', () => {
      all.delete(one);
      if (all.size === 0 && this.#byTarget.get(target) === all) this.#byTarget.delete(target);
    });
  }

  endAllBut(targets: Set<string>): void {
    for (const [target, all] of this.#byTarget)
      if (!targets.has(target)) for (const one of all) one.destroy();
  }
}
