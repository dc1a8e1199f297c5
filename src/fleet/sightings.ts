import type { ScalingGroup } from '../clouds/cloud.ts';
import type { SeenInstance } from '../run/events.ts';
import type { Run } from '../run/run.ts';

/** Tells a run who is in a fleet's groups: everybody at the first look, afterwards only what has changed since. */
export class Sightings {
  readonly #run: Run;
  /** By group: how many are wanted, and each instance as it was told. */
  readonly #told = new Map<string, { desired: number; instances: Map<string, SeenInstance> }>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** `groups` are all that exist now: one that was told before and is missing has gone with its instances. */
  see(groups: ScalingGroup[], releaseOf: (version: number | undefined) => string | undefined): void {
    for (const group of groups) {
      const seen = group.instances.map(
        ({ id, templateVersion: version, lifecycle, healthy }): SeenInstance => ({
          id,
          version,
          release: releaseOf(version),
          lifecycle,
          healthy,
        }),
      );
      this.#tell(group.name, group.desired, seen);
    }
    for (const name of this.#told.keys())
      if (!groups.some((group) => group.name === name)) {
        this.#tell(name, 0, []);
        this.#told.delete(name);
      }
  }

  #tell(group: string, desired: number, seen: SeenInstance[]): void {
    const before = this.#told.get(group);
    const now = new Map(seen.map((instance) => [instance.id, instance]));
    const instances = seen.filter((instance) => !same(before?.instances.get(instance.id), instance));
    const gone = [...(before?.instances.keys() ?? [])].filter((id) => !now.has(id));
    this.#told.set(group, { desired, instances: now });
    if (before?.desired === desired && instances.length === 0 && gone.length === 0) return;
    this.#run.emit({ type: 'fleet.seen', group, desired, instances, gone });
  }
}

const same = (a: SeenInstance | undefined, b: SeenInstance) =>
  a?.lifecycle === b.lifecycle &&
  a.healthy === b.healthy &&
  a.version === b.version &&
  a.release === b.release;
