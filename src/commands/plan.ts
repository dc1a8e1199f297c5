import { imagesOf } from '../image/images.ts';
import { planImage } from '../image/plan-text.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { planRollout as readPlan } from '../rollout/plan/read.ts';
import { planHeadline, planLines } from '../rollout/plan/text.ts';
import { count } from '../run/format.ts';
import { IN_PLACE, planInPlace } from './in-place.ts';
import { type GlobalOptions, runCommand } from './session.ts';

interface PlanBuildOptions extends GlobalOptions {
  release?: string;
  cache?: boolean;
  from?: string;
  only?: string;
}

/** `bake plan build`: which layers would be built, and why. Changes nothing. */
export const planBuild = (options: PlanBuildOptions): Promise<number> =>
  runCommand(
    'plan build',
    options,
    async ({ run, cloud, project }) => {
      const { release, cache, from, only } = options;
      const images = imagesOf(project, only);
      let building = 0;
      for (const image of images) {
        const name = image.config.imageName;
        const part = name === undefined ? run : run.part({ name });
        if (await planImage(part, cloud, image, { release, cache, from })) building++;
      }
      if (building === 0) return { headline: 'nothing to build: every layer has its image' };
      const flags = [
        ...(release === undefined ? [] : [`--release ${release}`]),
        ...(cache === false ? ['--no-cache'] : []),
        ...(from === undefined ? [] : [`--from ${from}`]),
        ...(only === undefined ? [] : [`--only ${only}`]),
      ];
      return {
        headline:
          images.length === 1
            ? 'an image would be built'
            : `${building} of ${count(images.length, 'image')} would be built`,
        next: [['bake build', ...flags].join(' ')],
      };
    },
    { journal: false },
  );

interface PlanRolloutOptions extends GlobalOptions {
  strategy?: string;
  release?: string;
  image?: string;
}

/** `bake plan rollout`: what a rollout would change, take and need. Changes nothing. */
export const planRollout = (options: PlanRolloutOptions): Promise<number> =>
  runCommand(
    'plan rollout',
    options,
    async (session) => {
      if (isInPlace(session.project, options.strategy)) return planInPlace(session, options);
      const { run, cloud, project } = session;
      const { strategy, release, image } = options;
      const plan = await run.step('plan', 'Looking at what a rollout would do', () =>
        readPlan(run, cloud, project, { strategy, release, imageId: image }),
      );
      run.fact('rollout.plan', plan);
      // Machines read the fact; the lines are for people.
      if (!options.json) for (const line of planLines(plan)) run.note(line);
      const flags = Object.entries({ strategy, release, image }).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name} ${value}`],
      );
      return {
        headline: planHeadline(plan),
        next: plan.nothing ? ['bake status'] : [['bake rollout', ...flags].join(' ')],
      };
    },
    { ...IN_PLACE.settings(options.strategy), journal: false },
  );
