import type { Image } from '../clouds/cloud.ts';
import { ownTags, TAG } from '../run/tags.ts';
import type { Builder } from './builder.ts';
import { finishBuilder } from './finish.ts';
import type { BuildJob } from './job.ts';
import { layersTag } from './layers-tag.ts';
import type { Check } from './manifest.ts';
import { paceOf } from './pace.ts';
import type { Inventory } from './packages.ts';
import type { Preparation } from './prepare.ts';
import { imageName, releaseAfter } from './releases.ts';
import { restartBuilder, stopBuilder } from './rest.ts';
import { awaitImage, createImage, unfinishedUntil } from './snapshot.ts';

/** The image of a release, and what is known of it. */
export interface MadeRelease {
  release: string;
  image: Image;
  checklist: Check[];
  /** What is installed in it; not known of an image that was found again. */
  inventory?: Inventory;
}

/** Turns the provisioned builder into the image of a release: release file, clean-up, verification, stop, image. */
export async function makeRelease(
  job: BuildJob,
  builder: Builder,
  prepared: Preparation,
  wanted: string | undefined,
): Promise<MadeRelease> {
  const { run, project, steps } = job;
  const { plan, git } = prepared;
  const layer = plan.layers.at(-1)!;
  const commit = git && `${git.commit}${git.dirty ? '-dirty' : ''}`;
  let { release } = prepared;
  for (;;) {
    const name = imageName(project, release);
    const finish = {
      layers: plan.layers,
      baseCreatedAt: Math.min(plan.base.createdAt, run.startedAt),
      release: {
        BAKE_PROJECT: project.config.project,
        BAKE_RELEASE: release,
        BAKE_RUN: run.id,
        BAKE_IMAGE_NAME: name,
        BAKE_BASE_IMAGE: plan.base.id,
        BAKE_GIT_COMMIT: commit ?? '',
        BAKE_FINGERPRINT: layer.fingerprint,
        BAKE_BUILT_AT: new Date(run.clock.now()).toISOString(),
      },
    };
    const finished = await finishBuilder(job, builder, finish);
    await stopBuilder(job, builder);
    const made = await steps.step('image', `Image ${name}`, async (step) => {
      const image = await createImage(job, builder, {
        name,
        description: `Release ${release} of ${project.config.project}, baked by run ${run.id}`,
        tags: ownTags(project, run.id, {
          Name: name,
          [TAG.release]: release,
          ...(project.config.imageName ? { [TAG.image]: project.config.imageName } : {}),
          [TAG.layer]: layer.name,
          [TAG.fingerprint]: layer.fingerprint,
          [TAG.layers]: layersTag(plan.layers.slice(0, -1).map((below) => below.fingerprint)),
          [TAG.baseImage]: plan.base.id,
          [TAG.expires]: unfinishedUntil(run),
          ...(commit ? { [TAG.gitCommit]: commit } : {}),
        }),
      });
      if (!image) {
        step.summary = 'another run took this name';
        return undefined;
      }
      const pace = paceOf(job, 'image', step.name);
      const available = await awaitImage(job, step, image.value, { pace });
      image.keep();
      step.summary = image.value;
      return available;
    });
    if (made) return { release, image: made, ...finished };
    // Two builds at a time chose the same number. The name is in the image, so it is finished again under the next.
    release = releaseAfter(release, wanted);
    await restartBuilder(job, builder);
  }
}
