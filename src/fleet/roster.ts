import type { Cloud, GroupInstance, ScalingGroup } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { releaseOfVersion } from './settings.ts';

/** What is in service or on its way there; the rest is leaving, asleep, or gone. */
export const isActive = (instance: GroupInstance): boolean =>
  instance.lifecycle === 'InService' || instance.lifecycle.startsWith('Pending');

/**
 * Who is, or was, in a fleet's groups while bake looked: an instance that has gone since is still known by its release,
 * because its log lines arrive after it.
 */
export class Roster {
  readonly #cloud: Cloud;
  readonly #group: string;
  readonly #others: readonly string[];
  readonly #seen = new Map<string, GroupInstance & { group: string }>();
  readonly #releases = new Map<number, string | undefined>();
  #latest: ScalingGroup[] = [];
  #templateId: string | undefined;

  /** `group` is the one that is looked after; `others` are those that work beside it (the other colour) and may come and go. */
  constructor(cloud: Cloud, group: string, ...others: string[]) {
    this.#cloud = cloud;
    this.#group = group;
    this.#others = others;
  }

  /** One look at all groups (one call). Returns the one that is looked after. */
  async look(): Promise<ScalingGroup> {
    const found = await this.#see();
    const group = found.find(({ name }) => name === this.#group);
    if (!group) throw new BakeError(`scaling group ${this.#group} does not exist any more`);
    return group;
  }

  async #see(): Promise<ScalingGroup[]> {
    const found = await this.#cloud.groups.findAll([this.#group, ...this.#others]);
    this.#templateId ??= found[0]?.template.id;
    this.#latest = found;
    for (const { name, instances } of found)
      for (const instance of instances) this.#seen.set(instance.id, { ...instance, group: name });
    return found;
  }

  /** The launch template version of an instance that was seen. */
  versionOf(instanceId: string): number | undefined {
    return this.#seen.get(instanceId)?.templateVersion;
  }

  /** Looks again when the instance was never seen: it may have been launched since, in whichever group is left. */
  async knows(instanceId: string): Promise<boolean> {
    if (!this.#seen.has(instanceId)) await this.#see();
    return this.#seen.has(instanceId);
  }

  /** Whether an instance that was seen is one of that version in the group that is looked after: another colour's is not. */
  isOf(instanceId: string, version: number): boolean {
    const seen = this.#seen.get(instanceId);
    return seen?.group === this.#group && seen.templateVersion === version;
  }

  /** Ids of every instance of that version that was ever seen in the group, gone ones too. */
  everOf(version: number): string[] {
    return [...this.#seen.keys()].filter((id) => this.isOf(id, version));
  }

  /** Ids of every other instance that was ever seen, of any group, gone ones too. */
  everBesides(version: number): string[] {
    return [...this.#seen.keys()].filter((id) => !this.isOf(id, version));
  }

  /** Those that were active at the last look: of that version in the group, and all others, of every group. */
  active(version: number): { fresh: GroupInstance[]; others: GroupInstance[] } {
    const active = this.#latest.flatMap(({ instances }) => instances).filter(isActive);
    return {
      fresh: active.filter(({ id }) => this.isOf(id, version)),
      others: active.filter(({ id }) => !this.isOf(id, version)),
    };
  }

  /** ARNs of what sends requests to the groups, as of the last look: first to the one that is looked after, which may not have any yet. */
  get targetGroups(): string[] {
    const first = ({ name }: ScalingGroup) => (name === this.#group ? 0 : 1);
    const groups = [...this.#latest].sort((a, b) => first(a) - first(b));
    return [...new Set(groups.flatMap(({ targetGroups }) => targetGroups))];
  }

  /** The release that a launch template version brings; asked once per version. */
  async releaseOf(version: number | undefined): Promise<string | undefined> {
    if (version === undefined || this.#templateId === undefined) return undefined;
    if (!this.#releases.has(version)) {
      const found = await this.#cloud.templates.findVersion(this.#templateId, version);
      this.#releases.set(version, found && releaseOfVersion(found));
    }
    return this.#releases.get(version);
  }

  /** "i-0abc (release 2)", for sentences; with several groups, of which ("i-0abc (release 1, workers)"). */
  async describe(instanceId: string): Promise<string> {
    const version = this.versionOf(instanceId);
    const release = await this.releaseOf(version);
    if (version === undefined) return `${instanceId} (not of this fleet)`;
    const group = this.#others.length > 0 ? `, ${this.#seen.get(instanceId)?.group}` : '';
    return `${instanceId} (${release === undefined ? `version ${version}` : `release ${release}`}${group})`;
  }
}
