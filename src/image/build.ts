import { isDeepStrictEqual } from 'node:util';
import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { withScope } from '../run/scope.ts';
import { connectBuilder, launchBuilder } from './builder.ts';
import type { ImagesByRegion } from './distribute.ts';
import { type BuildJob, Steps } from './job.ts';
import { LayerImages } from './layer-images.ts';
import { lastManifest, type Manifest, writeManifest } from './manifest.ts';
import type { BuildPlan } from './plan.ts';
import { type BuildOptions, type Preparation, prepareBuild } from './prepare.ts';
import { provisionLayer } from './provision.ts';
import { publishRelease } from './publish.ts';
import { type MadeRelease, makeRelease } from './release-image.ts';
import { imageName as nameOfImage } from './releases.ts';
import { type TakenUp, takeUp } from './resume.ts';
import { writeSbom } from './sbom.ts';
import { accountLines } from './time-account.ts';

/** An image that is there now: built, or found. */
export interface BuildResult {
  release: string;
  imageId: string;
  fingerprint: string;
  /** Image ids by region. */
  images: Record<string, string>;
  /** Names of the layers that were built; empty when the image was there already. */
  built: string[];
  /** How many layers the image has. */
  layers: number;
}

export interface BuildSettings extends BuildOptions {
  /** Awaited before the first thing is made; what it throws ends the build. */
  beforeBuild?: () => Promise<void>;
  /** Leaves the account of where the time went to the manifest: where several images are built it is one table too many each. */
  quiet?: boolean;
}

type Job = Omit<BuildJob, 'scope'>;

/**
 * Makes sure that there is an image of the project as it stands: finds it, or builds the layers that changed. Nothing is created
 * before all that can be checked was checked; whatever way it ends, no builder and no unfinished image is left.
 * Ends with an account of where the time went, beside that of the last build.
 */
export async function build(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: BuildSettings,
): Promise<BuildResult> {
  const last = lastManifest(cloud, project);
  const steps = new Steps(run, last);
  try {
    return await findOrBake({ run: steps.run, cloud, project, steps }, options);
  } finally {
    if (!options.quiet) for (const line of accountLines(steps.account, last)) run.note(line);
  }
}

async function findOrBake(job: Job, options: BuildSettings): Promise<BuildResult> {
  const { run, project } = job;
  const prepared = await prepareBuild(job, options);
  const { plan } = prepared;
  for (const layer of plan.layers) {
    if (!layer.build) run.skip(`layer-${layer.name}`, `Layer ${layer.name}`, layer.reason);
  }
  const { made, images } = prepared.existing
    ? await finish(job, prepared.existing)
    : await bake(job, prepared, options);
  // What a crashed run left is ended once there is an image without it.
  if (prepared.existing && options.resume) {
    await withScope(run, (scope) => takeUp({ ...job, scope }, plan, options.resume!));
  }
  // The manifest of an image that was found again stays that of the run that made it.
  if (!prepared.existing || !isDeepStrictEqual(prepared.last?.images, images)) {
    writeManifest(project.directory, manifestOf(job, prepared, made, images));
  }
  run.fact('image', made.image.id);
  run.fact('release', made.release);
  const built = plan.layers.filter((layer) => layer.build).map((layer) => layer.name);
  const { fingerprint } = plan.layers.at(-1)!;
  const { release, image } = made;
  return { release, imageId: image.id, fingerprint, images, built, layers: plan.layers.length };
}

interface Released {
  made: MadeRelease;
  images: ImagesByRegion;
}

/** An image that is there already is a release, or becomes one: an earlier build may have left off before that. */
async function finish(base: Job, made: MadeRelease): Promise<Released> {
  return await withScope(base.run, async (scope) => {
    const { images, checklist } = await publishRelease({ ...base, scope }, made.image);
    return { made: { ...made, checklist: [...made.checklist, ...checklist] }, images };
  });
}

async function bake(base: Job, prepared: Preparation, options: BuildSettings): Promise<Released> {
  const { plan } = prepared;
  await options.beforeBuild?.();
  return await withScope(base.run, async (scope) => {
    const job = { ...base, scope };
    const taken = options.resume && (await takeUp(job, plan, options.resume));
    const { builder, reached } = taken || (await newBuilder(job, plan));
    const layerImages = new LayerImages(job);
    try {
      for (const [index, layer] of plan.layers.entries()) {
        if (!layer.build || index < reached) continue;
        const kept = layer.layer.cache && layer !== plan.layers.at(-1);
        if (index > reached) await provisionLayer(job, builder, layer, kept);
        if (kept) await layerImages.make(builder, plan, layer);
      }
      const made = await makeRelease(job, builder, prepared, options.release);
      // Only now: until the image is available, a stopped builder is the only other copy of the work.
      await job.steps.step('terminate', 'End the builder', () => builder.remove());
      const released = await finish(base, made);
      await layerImages.keepAvailable();
      await layerImages.keepStart(plan);
      return released;
    } catch (error) {
      await layerImages.settle();
      throw error;
    }
  });
}

async function newBuilder(job: BuildJob, plan: BuildPlan): Promise<TakenUp> {
  const builder = await launchBuilder(job, plan.start);
  await connectBuilder(job, builder);
  return { builder, reached: -1 };
}

function manifestOf(
  { run, cloud, project, steps }: Job,
  { plan, git }: Preparation,
  made: MadeRelease,
  images: Manifest['images'],
): Manifest {
  const { kind, region, local } = cloud;
  const { imageName } = project.config;
  const { release, image, inventory } = made;
  const imageId = image.id;
  const builtAt = run.clock.now();
  const subject = { name: nameOfImage(project, release), release, imageId, builtAt };
  return {
    version: 1,
    project: project.config.project,
    environment: project.environment,
    image: imageName,
    cloud: { kind, region, local },
    run: run.id,
    release,
    images,
    fingerprint: plan.layers.at(-1)!.fingerprint,
    base: { id: plan.base.id, name: plan.base.name },
    git,
    layers: plan.layers.map(({ name, fingerprint, build, inputs }) => ({
      name,
      fingerprint,
      built: build,
      inputs,
    })),
    packages: inventory && writeSbom(project.directory, imageName, subject, inventory),
    checklist: made.checklist,
    ...steps.account,
    builtAt: new Date(builtAt).toISOString(),
  };
}
