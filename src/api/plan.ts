import type { Project } from '../config/schema.ts';
import { imagesOf } from '../image/images.ts';
import { type ImagePlan, planImage } from '../image/plan-text.ts';
import type { InPlacePlan } from '../rollout/in-place/plan.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import type { RolloutPlan as FleetRolloutPlan } from '../rollout/plan/plan.ts';
import { planRollout as readPlan } from '../rollout/plan/read.ts';
import { planHeadline, planLines } from '../rollout/plan/text.ts';
import { count } from '../run/format.ts';
import type { BuildOptions } from './build.ts';
import { asksCloud, planInPlace } from './in-place.ts';
import { perform, type RunOptions } from './perform.ts';
import type { RolloutOptions } from './rollout.ts';

/** What a build would do to one image; `name` where bake.yaml has several. */
export type BuildPlan = ImagePlan & { name?: string };

/** Options of `planBuild`: as those of `build`. */
export type PlanBuildOptions = RunOptions & Pick<BuildOptions, 'release' | 'cache' | 'from' | 'only'>;

/** Which layers would be built, and why, image by image: `bake plan build`. Changes nothing. */
export const planBuild = (project: Project, options: PlanBuildOptions = {}): Promise<BuildPlan[]> =>
  perform(project, options, {
    command: 'plan build',
    journal: false,
    async work({ run, cloud }) {
      const { release, cache, from, only } = options;
      const images = imagesOf(project, only);
      const result: BuildPlan[] = [];
      for (const image of images) {
        const name = image.config.imageName;
        const part = name === undefined ? run : run.part({ name });
        result.push({ name, ...(await planImage(part, cloud, image, { release, cache, from })) });
      }
      const building = result.filter(({ needed }) => needed).length;
      if (building === 0) return { result, headline: 'nothing to build: every layer has its image' };
      const flags = [
        ...(release === undefined ? [] : [`--release ${release}`]),
        ...(cache === false ? ['--no-cache'] : []),
        ...(from === undefined ? [] : [`--from ${from}`]),
        ...(only === undefined ? [] : [`--only ${only}`]),
      ];
      return {
        result,
        headline:
          images.length === 1
            ? 'an image would be built'
            : `${building} of ${count(images.length, 'image')} would be built`,
        next: [['bake build', ...flags].join(' ')],
      };
    },
  });

/** What a rollout would do: to a fleet, or to servers that stay. */
export type RolloutPlan = ({ kind: 'fleet' } & FleetRolloutPlan) | ({ kind: 'in-place' } & InPlacePlan);

/** Options of `planRollout`: as those of `rollout`. */
export type PlanRolloutOptions = RunOptions & Pick<RolloutOptions, 'strategy' | 'release' | 'image'>;

/**
 * What a rollout would change, how long it takes, and whether the caller may do it: `bake plan rollout`. Changes nothing; what would stop
 * the rollout before it begins is thrown as it would be then.
 */
export const planRollout = (project: Project, options: PlanRolloutOptions = {}): Promise<RolloutPlan> =>
  perform<RolloutPlan>(project, options, {
    command: 'plan rollout',
    journal: false,
    cloud: asksCloud(project, options.strategy),
    async work(session) {
      const { strategy, release, image } = options;
      if (isInPlace(project, strategy)) {
        const { result, ...outcome } = await planInPlace(session, release);
        return { ...outcome, result: { kind: 'in-place', ...result } };
      }
      const { run, cloud, notes } = session;
      const plan = await run.step('plan', 'Looking at what a rollout would do', () =>
        readPlan(run, cloud, project, { strategy, release, imageId: image }),
      );
      run.fact('rollout.plan', plan);
      if (notes) for (const line of planLines(plan)) run.note(line);
      const flags = Object.entries({ strategy, release, image }).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name} ${value}`],
      );
      return {
        result: { kind: 'fleet', ...plan },
        headline: planHeadline(plan),
        next: plan.nothing ? ['bake status'] : [['bake rollout', ...flags].join(' ')],
      };
    },
  });
