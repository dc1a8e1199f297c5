import { messageOf } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Owned } from '../run/scope.ts';
import { NEVER, ownTags, TAG } from '../run/tags.ts';
import type { Builder } from './builder.ts';
import { verifyLayer } from './finish.ts';
import type { BuildJob } from './job.ts';
import type { BuildPlan, PlannedLayer } from './plan.ts';
import { imageStem } from './releases.ts';
import { restartBuilder, stopBuilder } from './rest.ts';
import { awaitImage, createImage, unfinishedUntil } from './snapshot.ts';

/**
 * The images of lower layers that a build makes on its way, so that the next build can start from them. They are made from
 * a stopped builder, so they hold a consistent disk from the moment the cloud accepts them; nobody waits for them on the way.
 */
export class LayerImages {
  readonly #job: BuildJob;
  readonly #made: { layer: string; image: Owned<string> }[] = [];

  constructor(job: BuildJob) {
    this.#job = job;
  }

  /** Stops the builder, makes the image of `layer`, and starts the builder again. */
  async make(builder: Builder, plan: BuildPlan, layer: PlannedLayer): Promise<void> {
    const { run, cloud, project, steps } = this.#job;
    const below = plan.layers.slice(0, plan.layers.indexOf(layer) + 1);
    await verifyLayer(this.#job, builder, below, Math.min(plan.base.createdAt, run.startedAt));
    await stopBuilder(this.#job, builder);
    await steps.step(`image-${layer.name}`, `Image of layer ${layer.name}`, async (step) => {
      const usual = `${imageStem(project)}-${layer.name}-${layer.fingerprint.slice(0, 12)}`;
      // Taken when this layer is built anew although it has an image (--no-cache).
      const taken = await cloud.images.findByName(usual);
      const image = await createImage(this.#job, builder, {
        name: taken ? `${usual}-${run.id}` : usual,
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
    await restartBuilder(this.#job, builder);
  }

  /** The build has succeeded: waits for them, keeps those that the cloud could make. */
  async keepAvailable(): Promise<void> {
    const { run, steps } = this.#job;
    if (this.#made.length === 0) return;
    const title = `Keep ${count(this.#made.length, 'layer image')}`;
    await steps.step('layer-images', title, async (step) => {
      await Promise.all(
        this.#made.map(async ({ layer, image }) => {
          if (await awaitImage(this.#job, step, image.value, true)) await this.#keep(image);
          else
            run.warn(`the cloud could not make the image of layer ${layer}: the next build builds it again`);
        }),
      );
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
      await this.#keep(image).catch((error: unknown) =>
        run.warn(`the image of layer ${layer} is not kept: ${messageOf(error)}`),
      );
    }
  }

  /** From now on it is no leftover of this run. */
  async #keep(image: Owned<string>): Promise<void> {
    await this.#job.cloud.images.setTags(image.value, { [TAG.expires]: NEVER });
    image.keep();
  }
}
