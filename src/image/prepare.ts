import type { BaseImageQuery, Image } from '../clouds/cloud.ts';
import { usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import { checkAccess } from './access.ts';
import { checkDistribution } from './distribute.ts';
import { fingerprintLayers } from './fingerprints.ts';
import { closingDigest } from './finish.ts';
import { type GitState, gitState } from './git.ts';
import type { BuildJob } from './job.ts';
import { lastManifest, type Manifest } from './manifest.ts';
import { type Anew, type BuildPlan, planBuild } from './plan.ts';
import { type Layer, loadLayers } from './provisioners.ts';
import type { MadeRelease } from './release-image.ts';
import { checkFree, checkReleaseName, imagesOfProject, nextRelease } from './releases.ts';
import { awaitImage } from './snapshot.ts';

export interface BuildOptions {
  /** Name of the release. Default: the next number. */
  release?: string;
  /** False builds every layer anew. */
  cache?: boolean;
  /** Name of the lowest layer that is built although there is an image of it. */
  from?: string;
  /** Go on with the builder of this crashed run, or of the newest one that left a builder. */
  resume?: string | true;
  /** Only planned: secrets need not be there, and nothing is waited for. */
  dryRun?: boolean;
}

/** All that is known before anything is created. */
export interface Preparation {
  plan: BuildPlan;
  /** The name that the release gets. */
  release: string;
  /** Set when the image is there already. */
  existing?: MadeRelease;
  git?: GitState;
  /** The last build in this directory against the same cloud. */
  last?: Manifest;
}

/** Checks everything that can be checked (files, secrets, credentials, base image, release name) and plans the build. */
export async function prepareBuild(
  job: Pick<BuildJob, 'run' | 'cloud' | 'project' | 'steps'>,
  options: BuildOptions,
): Promise<Preparation> {
  const { run, cloud, project, steps } = job;
  return await steps.step('plan', 'Plan the build', async (step) => {
    if (options.release !== undefined) checkReleaseName(options.release);
    checkAccess(project);
    const layers = loadLayers(project, options.dryRun ? undefined : process.env);
    checkFrom(layers, options.from);
    checkDistribution(project, cloud.region);
    for (const value of secretsOf(layers)) run.redactor.add(value);
    const [base, git, images] = await Promise.all([
      cloud.images.resolve(project.config.image.base as BaseImageQuery),
      gitState(project.directory),
      imagesOfProject(cloud, project),
    ]);
    const { release: named } = options;
    if (named !== undefined) await checkFree(cloud, project, images, named);
    if (base?.state !== 'available') throw noBase(project.config.image.base, cloud.region, base);
    const fingerprints = fingerprintLayers(base, layers, closingDigest(project.config.image.verify));
    const last = lastManifest(cloud, project);
    const inputs = { base, layers, fingerprints, last };
    const decide = (found: Image[]) => planBuild(project, inputs, found, anewOf(options));
    const { plan, known } = options.dryRun
      ? { plan: decide(images), known: images }
      : await settledPlan(job, step, images, decide);
    const { finished } = plan;
    if (finished) {
      const release = finished.tags[TAG.release]!;
      step.summary = `nothing changed since release ${release}`;
      return { plan, release, existing: { release, image: finished, checklist: [] }, git, last };
    }
    const release = named ?? nextRelease(project, known);
    step.summary = `release ${release}: ${summaryOf(plan)}`;
    return { plan, release, git, last };
  });
}

/** Fails (exit code 2) when --from names no layer. */
function checkFrom(layers: Layer[], from: string | undefined): void {
  if (from === undefined || layers.some(({ name }) => name === from)) return;
  const names = layers.map(({ name }) => name);
  throw usageError(`there is no layer "${from}"`, `The layers are ${names.join(', ')}.`);
}

function anewOf({ release, cache, from }: BuildOptions): Anew | undefined {
  if (cache === false) return 'all';
  if (from !== undefined) return { from };
  return release === undefined ? undefined : 'last';
}

function summaryOf(plan: BuildPlan): string {
  const build = plan.layers.filter((layer) => layer.build);
  const from = plan.start.id === plan.base.id ? `base image ${plan.base.name}` : `image ${plan.start.id}`;
  return `${build.length} of ${count(plan.layers.length, 'layer')} to build, from ${from}; ${build[0]!.name}: ${build[0]!.reason}`;
}

/** An image that another run is making right now is waited for; should it come to nothing, the plan is made anew. */
async function settledPlan(
  job: Pick<BuildJob, 'run' | 'cloud' | 'project'>,
  step: Step,
  images: Image[],
  decide: (images: Image[]) => BuildPlan,
): Promise<{ plan: BuildPlan; known: Image[] }> {
  for (let known = images; ; known = await imagesOfProject(job.cloud, job.project)) {
    const plan = decide(known);
    const image = plan.finished ?? plan.start;
    if (image.state === 'available') return { plan, known };
    await awaitImage(job, step, image.id, { orGone: true });
  }
}

/** Multi-line secrets (keys) are redacted line by line as well, as output is emitted in lines. */
const secretsOf = (layers: ReturnType<typeof loadLayers>): string[] =>
  layers
    .flatMap((layer) => layer.provisioners)
    .flatMap((provisioner) => (provisioner.kind === 'upload' ? [] : Object.values(provisioner.secrets)))
    .flatMap((value) => [value, ...value.split('\n').filter((line) => line.trim().length >= 8)]);

function noBase(query: BaseImageQuery, region: string, found: Image | undefined) {
  const [kind, value] =
    'id' in query
      ? ['image', query.id]
      : 'ssmParameter' in query
        ? ['image in SSM parameter', query.ssmParameter]
        : 'family' in query
          ? ['image of family', query.family]
          : ['image matching', `${query.filter.name} of ${query.filter.owner}`];
  const state = found ? `is ${found.state}` : `does not exist in ${region}, or this account may not see it`;
  return usageError(
    `base ${kind} ${value} ${state}`,
    'Name another in image.base (`bake explain image.base` shows how); image ids differ by region.',
  );
}
