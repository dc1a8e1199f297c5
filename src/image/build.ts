import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { withScope } from '../run/scope.ts';
import { connectBuilder, launchBuilder } from './builder.ts';
import { Steps } from './job.ts';
import { LayerImages } from './layer-images.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { type BuildOptions, type Preparation, prepareBuild } from './prepare.ts';
import { provisionLayer } from './provision.ts';
import { makeRelease } from './release-image.ts';

export interface BuildResult {
  release: string;
  imageId: string;
  /** Names of the layers that were built; empty when the image was there already. */
  built: string[];
  /** How many layers the image has. */
  layers: number;
}

/**
 * Makes sure that there is an image of the project as it stands: finds it, or builds the layers that changed. Nothing is created
 * before all that can be checked was checked; whatever way it ends, no builder and no unfinished image is left.
 */
export async function build(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: BuildOptions,
): Promise<BuildResult> {
  const steps = new Steps(run);
  const prepared = await prepareBuild({ run, cloud, project, steps }, options);
  const { plan } = prepared;
  for (const layer of plan.layers) {
    if (!layer.build) run.skip(`layer-${layer.name}`, `Layer ${layer.name}`, layer.reason);
  }
  const made = prepared.existing ?? (await bake(run, cloud, project, steps, prepared, options));
  // The manifest of an image that was found again stays that of the run that made it.
  if (!prepared.existing || prepared.last?.images[cloud.region] !== made.imageId) {
    writeManifest(project.directory, manifestOf(run, cloud, project, steps, prepared, made));
  }
  run.fact('image', made.imageId);
  run.fact('release', made.release);
  const built = plan.layers.filter((layer) => layer.build).map((layer) => layer.name);
  return { release: made.release, imageId: made.imageId, built, layers: plan.layers.length };
}

type Made = Pick<Manifest, 'release' | 'checklist'> & { imageId: string };

async function bake(
  run: Run,
  cloud: Cloud,
  project: Project,
  steps: Steps,
  prepared: Preparation,
  options: BuildOptions,
): Promise<Made> {
  const { plan } = prepared;
  return await withScope(run, async (scope) => {
    const job = { run, cloud, project, scope, steps };
    const builder = await launchBuilder(job, plan.start.id);
    await connectBuilder(job, builder);
    const layerImages = new LayerImages(job);
    try {
      for (const layer of plan.layers.filter((candidate) => candidate.build)) {
        await provisionLayer(job, builder, layer);
        if (layer.layer.cache && layer !== plan.layers.at(-1)) await layerImages.make(builder, plan, layer);
      }
      const made = await makeRelease(job, builder, prepared, options.release);
      await layerImages.keepAvailable();
      // Only now: until the image is available, a stopped builder is the only other copy of the work.
      await steps.step('terminate', 'End the builder', () => builder.remove());
      return made;
    } catch (error) {
      await layerImages.settle();
      throw error;
    }
  });
}

function manifestOf(
  run: Run,
  cloud: Cloud,
  project: Project,
  steps: Steps,
  prepared: Preparation,
  made: Made,
): Manifest {
  const { plan, git } = prepared;
  const fingerprint = plan.layers.at(-1)!.fingerprint;
  const { kind, region, local } = cloud;
  return {
    version: 1,
    project: project.config.project,
    environment: project.environment,
    cloud: { kind, region, local },
    run: run.id,
    release: made.release,
    images: { [region]: made.imageId },
    fingerprint,
    base: { id: plan.base.id, name: plan.base.name },
    git,
    layers: plan.layers.map(({ name, fingerprint, build, inputs }) => ({
      name,
      fingerprint,
      built: build,
      inputs,
    })),
    checklist: made.checklist,
    steps: steps.times,
    builtAt: new Date(run.clock.now()).toISOString(),
  };
}
