import type { ImageState } from '../clouds/cloud.ts';
import { messageOf } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import type { Owned } from '../run/scope.ts';
import { NEVER, ownTags, TAG } from '../run/tags.ts';
import type { Builder } from './builder.ts';
import { verifyLayer } from './finish.ts';
import type { BuildJob } from './job.ts';
import type { BuildPlan, PlannedLayer } from './plan.ts';
import { imageStem } from './releases.ts';
import { createImage, unfinishedUntil } from './snapshot.ts';

/**
 * The images of lower layers that a build makes on its way, so that the next build can start from them. They are made of the running
 * builder, between two layers, when all that was written is on its disk: nothing waits for them but the beginning of the next layer for
 * the beginning of the snapshot. Only builders start from them; the image of a release is made of a disk at rest.
 */
export class LayerImages {
  readonly #job: BuildJob;
  readonly #made: { layer: string; image: Owned<string> }[] = [];

  constructor(job: BuildJob) {
    this.#job = job;
  }

  /** Makes the image of `layer`, which the builder has finished and flushed. */
  async make(builder: Builder, plan: BuildPlan, layer: PlannedLayer): Promise<void> {
    const { run, project, steps } = this.#job;
    const below = plan.layers.slice(0, plan.layers.indexOf(layer) + 1);
    await verifyLayer(this.#job, builder, below, Math.min(plan.base.createdAt, run.startedAt));
    await steps.step(`image-${layer.name}`, `Image of layer ${layer.name}`, async (step) => {
      const usual = `${imageStem(project)}-${layer.name}-${layer.fingerprint.slice(0, 12)}`;
      const image = await createImage(this.#job, builder, {
        name: layer.again ? `${usual}-${run.id}` : usual,
        running: true,
        description: `Layer ${layer.name} of ${project.config.project}`,
        tags: ownTags(project, run.id, {
          Name: usual,
          [TAG.layer]: layer.name,
          [TAG.fingerprint]: layer.fingerprint,
          [TAG.baseImage]: plan.base.id,
          [TAG.expires]: unfinishedUntil(run),
        }),
      });
      if (image) this.#made.push({ layer: layer.name, image });
      step.summary = image?.value ?? 'another run is making it';
    });
  }

  /** The build has succeeded: waits for them, keeps those that the cloud could make. */
  async keepAvailable(): Promise<void> {
    const { run, steps } = this.#job;
    if (this.#made.length === 0) return;
    const title = `Keep ${count(this.#made.length, 'layer image')}`;
    await steps.step('layer-images', title, async (step) => {
      const ends = await this.#awaitAll(step);
      const made = this.#made.filter(({ image }) => ends.get(image.value) === 'available');
      for (const one of this.#made.filter((other) => !made.includes(other))) {
        run.warn(`the cloud could not make the image of layer ${one.layer}: the next build builds it again`);
      }
      await this.#keep(made.map(({ image }) => image));
    });
  }

  /** The layer's image that the build started from lasts, too, though the run that made it crashed before it could say so. */
  async keepStart({ start, base }: BuildPlan): Promise<void> {
    const { run, cloud } = this.#job;
    const expires = start.tags[TAG.expires];
    if (start.id === base.id || expires === undefined || expires === NEVER) return;
    await cloud.images.setTags(start.id, { [TAG.run]: run.id, [TAG.expires]: NEVER });
  }

  /**
   * The build has ended early. After a failure all are kept, so that the next try starts above them (they are complete, and
   * EBS finishes a snapshot even when its volume is gone). After an interrupt only those that are available already.
   */
  async settle(): Promise<void> {
    const { run, cloud } = this.#job;
    if (this.#made.length === 0) return;
    const images = run.signal.aborted
      ? await cloud.images.find(this.#made.map(({ image }) => image.value))
      : [];
    for (const { layer, image } of this.#made) {
      const state = images.find((found) => found.id === image.value)?.state;
      if (run.signal.aborted && state !== 'available') continue;
      await this.#keep([image]).catch((error: unknown) =>
        run.warn(`the image of layer ${layer} is not kept: ${messageOf(error)}`),
      );
    }
  }

  /** States by image id, none of them pending. */
  async #awaitAll(step: Step): Promise<Map<string, ImageState>> {
    const { run, cloud, project } = this.#job;
    const ids = this.#made.map(({ image }) => image.value);
    const look = async () => {
      const found = await cloud.images.find(ids);
      const pending = found.filter(({ state }) => state === 'pending');
      if (pending.length === 0)
        return { done: true, value: new Map(found.map(({ id, state }) => [id, state])) } as const;
      step.progress(`${count(pending.length, 'image')} pending`);
      return { done: false, state: 'pending' } as const;
    };
    return await poll(look, {
      what: 'the images of layers to become available',
      timeout: project.config.image.imageTimeout,
      clock: run.clock,
      signal: run.signal,
      interval: { first: 100, longest: 5_000 },
      hint: 'Raise image.imageTimeout for large disks.',
    });
  }

  /** From now on they are no leftovers of this run. */
  async #keep(images: Owned<string>[]): Promise<void> {
    if (images.length === 0) return;
    await this.#job.cloud.images.setTags(
      images.map(({ value }) => value),
      { [TAG.expires]: NEVER },
    );
    for (const image of images) image.keep();
  }
}
