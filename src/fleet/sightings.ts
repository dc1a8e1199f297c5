import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { SeenInstance } from '../run/events.ts';
import type { Run } from '../run/run.ts';
import { colourNames } from './colours.ts';
import { fleetConfig, releaseOfVersion } from './settings.ts';

/**
 * The same cloud, with whose eyes everybody sees the fleet's groups: whoever looks at one tells the run what has changed since the last
 * look at it (`fleet.seen`). No call is made for it but one for each launch template version, for its release.
 */
export function tellingCloud(run: Run, cloud: Cloud, project: Project): Cloud {
  const { groups } = cloud;
  const sightings = new Sightings(run, cloud, colourNames(fleetConfig(project).name));
  const telling = {
    async find(name: string) {
      const found = await sightings.look([name], async () => [await groups.find(name)]);
      return found[0];
    },
    findAll: (names: string[]) => sightings.look(names, () => groups.findAll(names)),
  };
  return Object.assign(Object.create(cloud), { groups: Object.assign(Object.create(groups), telling) });
}

/** Who is in a fleet's groups, as a run was told. */
class Sightings {
  readonly #run: Run;
  readonly #cloud: Cloud;
  readonly #names: readonly string[];
  /** By group: how many are wanted, and each instance as it was told. */
  readonly #told = new Map<string, { desired: number; instances: Map<string, SeenInstance> }>();
  readonly #releases = new Map<number, string | undefined>();
  #looks = 0;
  #latest = 0;

  constructor(run: Run, cloud: Cloud, names: readonly string[]) {
    this.#run = run;
    this.#cloud = cloud;
    this.#names = names;
  }

  /** Looks, and tells what is new. Looks may overtake each other: what is older than what was told is not told any more. */
  async look<T extends (ScalingGroup | undefined)[]>(names: string[], look: () => Promise<T>): Promise<T> {
    const order = ++this.#looks;
    const found = await look();
    const groups = found.filter((group) => group !== undefined);
    await this.#learnReleases(groups);
    if (order < this.#latest) return found;
    this.#latest = order;
    for (const name of names.filter((one) => this.#names.includes(one))) {
      const group = groups.find((one) => one.name === name);
      if (group) this.#tell(name, group.desired, this.#seen(group));
      else if (this.#told.has(name)) this.#gone(name);
    }
    return found;
  }

  /** One that cannot be had is left out: telling is no reason to fail. */
  async #learnReleases(groups: ScalingGroup[]): Promise<void> {
    for (const { template, instances, name } of groups) {
      if (!this.#names.includes(name)) continue;
      for (const version of new Set(instances.map(({ templateVersion }) => templateVersion))) {
        if (version === undefined || this.#releases.has(version)) continue;
        const known = await this.#cloud.templates.findVersion(template.id, version).catch(() => undefined);
        this.#releases.set(version, known && releaseOfVersion(known));
      }
    }
  }

  #seen({ instances }: ScalingGroup): SeenInstance[] {
    return instances.map(({ id, templateVersion: version, lifecycle, healthy }) => {
      const release = version === undefined ? undefined : this.#releases.get(version);
      return { id, version, release, lifecycle, healthy };
    });
  }

  /** With its instances. */
  #gone(group: string): void {
    this.#tell(group, 0, []);
    this.#told.delete(group);
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
