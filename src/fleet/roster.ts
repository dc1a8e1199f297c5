import type { Cloud, GroupInstance, ScalingGroup } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { releaseOfVersion } from './settings.ts';

/** What is in service or on its way there; the rest is leaving, asleep, or gone. */
export const isActive = (instance: GroupInstance): boolean =>
  instance.lifecycle === 'InService' || instance.lifecycle.startsWith('Pending');

/**
 * Who is, or was, in a group while bake looked: an instance that has gone since is still known by its release,
 * because its log lines arrive after it.
 */
export class Roster {
  readonly #cloud: Cloud;
  readonly #group: string;
  readonly #seen = new Map<string, GroupInstance>();
  readonly #releases = new Map<number, string | undefined>();
  #templateId: string | undefined;

  constructor(cloud: Cloud, group: string) {
    this.#cloud = cloud;
    this.#group = group;
  }

  /** One look at the group (one call). */
  async look(): Promise<ScalingGroup> {
    const group = await this.#cloud.groups.find(this.#group);
    if (!group) throw new BakeError(`scaling group ${this.#group} does not exist any more`);
    this.#templateId = group.template.id;
    for (const instance of group.instances) this.#seen.set(instance.id, instance);
    return group;
  }

  /** The launch template version of an instance that was seen. */
  versionOf(instanceId: string): number | undefined {
    return this.#seen.get(instanceId)?.templateVersion;
  }

  /** Looks again when the instance was never seen: it may have been launched since. */
  async knows(instanceId: string): Promise<boolean> {
    if (!this.#seen.has(instanceId)) await this.look();
    return this.#seen.has(instanceId);
  }

  /** Ids of every instance of that version that was ever seen, gone ones too. */
  everOf(version: number): string[] {
    return [...this.#seen.values()].filter((i) => i.templateVersion === version).map((i) => i.id);
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

  /** "i-0abc (release 2)", for sentences. */
  async describe(instanceId: string): Promise<string> {
    const version = this.versionOf(instanceId);
    const release = await this.releaseOf(version);
    if (release !== undefined) return `${instanceId} (release ${release})`;
    return version === undefined ? `${instanceId} (not of this fleet)` : `${instanceId} (version ${version})`;
  }
}
