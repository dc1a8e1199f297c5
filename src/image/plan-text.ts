import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { count, formatDuration } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { Steps } from './job.ts';
import type { Manifest } from './manifest.ts';
import type { PlannedLayer } from './plan.ts';
import { type BuildOptions, type Preparation, prepareBuild } from './prepare.ts';

/** What a build would do to an image. */
export interface ImagePlan {
  /** Whether there is anything to build. */
  needed: boolean;
  release: string;
  /** Id of the image that the builder would start from. */
  start: string;
  /** Bottom up; `reason`: why it would be built, or need not be. */
  layers: { name: string; fingerprint: string; build: boolean; reason: string }[];
}

/** Says which layers of an image would be built and why, and what that would make. */
export async function planImage(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: BuildOptions,
): Promise<ImagePlan> {
  const steps = new Steps(run);
  const prepared = await prepareBuild(
    { run: steps.run, cloud, project, steps },
    { ...options, dryRun: true },
  );
  const { plan } = prepared;
  for (const line of planLines(prepared)) run.note(line);
  const told = {
    release: prepared.release,
    start: plan.start.id,
    layers: plan.layers.map(({ name, fingerprint, build, reason }) => ({ name, fingerprint, build, reason })),
  };
  run.fact('plan', told);
  return { needed: plan.finished === undefined, ...told };
}

function planLines({ plan, release, last }: Preparation): string[] {
  const width = Math.max(...plan.layers.map(({ name }) => name.length));
  const layers = plan.layers.map(
    ({ name, build, reason }) => `${build ? 'build' : 'reuse'}  ${name.padEnd(width)}  ${reason}`,
  );
  if (plan.finished) return [...layers, `release ${release} stays image ${plan.finished.id}`];
  const kept = plan.layers.slice(0, -1).filter(({ build, layer }) => build && layer.cache);
  const makes = ['a builder', ...(kept.length > 0 ? [count(kept.length, 'layer image')] : []), 'the image'];
  const from = plan.start.id === plan.base.id ? `base image ${plan.base.name}` : 'the layers below';
  const ms = last && expected(plan.layers, last);
  const time = ms === undefined ? '' : `, in about ${formatDuration(ms)} (as long as the last time)`;
  return [
    ...layers,
    `release ${release} would be made from ${from} (${plan.start.id}): ${makes.join(', ')}${time}`,
  ];
}

/** How long the same steps took in the last build, if it built all these layers; milliseconds. */
function expected(layers: PlannedLayer[], last: Manifest): number | undefined {
  const building = new Set(layers.filter(({ build }) => build).map(({ name }) => name));
  const known = last.layers.filter(({ name, built }) => built && building.has(name));
  if (known.length < building.size) return undefined;
  return last.steps.reduce((sum, { step, durationMs }) => {
    const layer = /^(?:layer|image)-(.*)$/.exec(step)?.[1];
    const counts = !step.includes('/') && (layer === undefined || layer === 'images' || building.has(layer));
    return counts ? sum + durationMs : sum;
  }, 0);
}
