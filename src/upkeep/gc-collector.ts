import type { Cloud, Image, Leftover } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { stagedBy } from '../image/access.ts';
import { dropLoginKey, loginKeys } from '../image/login-key.ts';
import { messageOf } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import {
  beginOf,
  type GcRules,
  type Temporary,
  temporary,
  unpublishedCopy,
  whyRemovable,
} from './gc-plan.ts';

/** One thing that was removed, or would be. */
export interface Removal {
  kind: Temporary['kind'] | 'suspension' | 'lock' | 'scaling group';
  id: string;
  name: string;
  region: string;
  why: string;
}

export interface GcResult {
  removed: Removal[];
  /** What could not be removed, a line each. */
  failures: string[];
}

/** Metal instances take up to 20 minutes to end. Milliseconds. */
const END_TIMEOUT = 25 * 60_000;
/** Finds and removes in one region; keeps account of it. */
export class Collector {
  readonly run: Run;
  readonly cloud: Cloud;
  readonly project: Project;
  readonly #dryRun: boolean;
  readonly #result: GcResult;

  constructor(run: Run, cloud: Cloud, project: Project, dryRun: boolean, result: GcResult) {
    this.run = run;
    this.cloud = cloud;
    this.project = project;
    this.#dryRun = dryRun;
    this.#result = result;
  }

  get tags() {
    return { [TAG.project]: this.project.config.project };
  }

  /** Removes one thing, unless this is a dry run; a failure is noted and stops nothing. */
  async remove(what: Omit<Removal, 'region'>, work: () => Promise<unknown>): Promise<boolean> {
    try {
      if (!this.#dryRun) await work();
      this.#result.removed.push({ ...what, region: this.cloud.region });
      return true;
    } catch (error) {
      this.#result.failures.push(`${what.kind} ${what.id}: ${messageOf(error)}`);
      return false;
    }
  }

  /** Ends the machines first, and waits for their end: they hold volumes and security groups. */
  async endInstances(rules: GcRules): Promise<void> {
    const found = await this.cloud.instances.findByTags(this.tags);
    const doomed = found.flatMap((instance) => {
      const machine = instance.state === 'terminated' ? undefined : temporary('instance', instance);
      const why = machine && whyRemovable(machine, rules);
      return why === undefined ? [] : [{ ...machine!, why, state: instance.state }];
    });
    const ending = await Promise.all(
      doomed.map(async ({ kind, id, name, why, state }) => {
        if (state === 'shutting-down') return [id];
        const work = () => this.cloud.instances.terminate(id);
        return (await this.remove({ kind, id, name, why }, work)) ? [id] : [];
      }),
    );
    const ids = ending.flat();
    if (!this.#dryRun && ids.length > 0) await this.#awaitEnd(ids);
  }

  async #awaitEnd(ids: string[]): Promise<void> {
    const look = async () => {
      const found = await this.cloud.instances.find(ids);
      const left = found.filter(({ state }) => state !== 'terminated');
      return left.length === 0
        ? ({ done: true, value: undefined } as const)
        : ({ done: false, state: left.map(({ id, state }) => `${id} ${state}`).join(', ') } as const);
    };
    const { clock, signal } = this.run;
    await poll(look, { what: 'instances to end', timeout: END_TIMEOUT, clock, signal });
  }

  /** With its snapshots, and though it is protected: that is meant for others. */
  async removeImage({ id, name, protected: isProtected }: Image, why: string): Promise<void> {
    await this.remove({ kind: 'image', id, name, why }, async () => {
      if (isProtected) await this.cloud.images.setProtection(id, false);
      await this.cloud.images.remove(id);
    });
  }

  /** Unfinished images, with their snapshots. `home`: where copies come from. */
  async removeImages(rules: GcRules, home: Cloud): Promise<void> {
    const found = await this.cloud.images.findByTags(this.tags);
    const sources = await home.images.find(
      found.flatMap(({ tags }) => (tags[TAG.published] && tags[TAG.sourceImage]) || []),
    );
    await Promise.all(
      found.map(async (image) => {
        const source = sources.find(({ id }) => id === image.tags[TAG.sourceImage]);
        const unfinished = temporary('image', image) ?? unpublishedCopy(image, source);
        const why = unfinished && whyRemovable(unfinished, rules);
        if (why === undefined) return;
        await this.removeImage(image, why);
      }),
    );
  }

  /** Files that were staged for a builder and not taken away again. Their keys name the run. */
  async removeStaged(rules: GcRules): Promise<void> {
    const { stagingBucket: bucket, timeToLive } = this.project.config.image.builder;
    if (bucket === undefined) return;
    const keys = await this.cloud.staging.list(bucket, stagedBy(this.project));
    await Promise.all(
      keys.map(async (key) => {
        const run = key.slice(stagedBy(this.project).length).split('/')[0]!;
        const staged = { kind: 'staged file', id: key, name: key, run } as const;
        const why = whyRemovable({ ...staged, expiresAt: beginOf(run) + timeToLive }, rules);
        if (why === undefined) return;
        await this.remove({ kind: staged.kind, id: key, name: key, why }, () =>
          this.cloud.staging.remove(bucket, key),
        );
      }),
    );
  }

  /** Keys of builders that are gone, which lie on this machine. */
  async removeLoginKeys(rules: GcRules): Promise<void> {
    const { directory, config } = this.project;
    for (const { machine, run } of loginKeys(directory)) {
      const expiresAt = beginOf(run) + config.image.builder.timeToLive;
      const why = whyRemovable({ kind: 'login key', id: machine, name: machine, run, expiresAt }, rules);
      if (why === undefined) continue;
      await this.remove({ kind: 'login key', id: machine, name: machine, why }, async () =>
        dropLoginKey(directory, machine),
      );
    }
  }

  /** Volumes, snapshots without an image, key pairs, security groups. */
  async removeLeftovers(kinds: Leftover['kind'][], rules: GcRules): Promise<void> {
    const found = await this.cloud.leftovers.find(kinds, this.tags);
    await Promise.all(
      found.map(async (leftover) => {
        const { kind, id, name, inUse } = leftover;
        const left = inUse ? undefined : temporary(kind, leftover);
        const why = left && whyRemovable(left, rules);
        if (why === undefined) return;
        await this.remove({ kind, id, name, why }, () => this.cloud.leftovers.remove(leftover));
      }),
    );
  }
}
