import type { BuildOptions } from '../api/build.ts';
import { planRollout as planFleet, planBuild as planImages } from '../api/plan.ts';
import type { RolloutOptions } from '../api/rollout.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

type PlanBuildOptions = GlobalOptions & Pick<BuildOptions, 'release' | 'cache' | 'from' | 'only'>;

/** `bake plan build`: which layers would be built, and why. Changes nothing. */
export const planBuild = (options: PlanBuildOptions): Promise<number> =>
  hostOperation(
    'plan build',
    options,
    ({ project, run }) => {
      const { release, cache, from, only } = options;
      return planImages(project, { ...run, release, cache, from, only });
    },
    { page: false },
  );

type PlanRolloutOptions = GlobalOptions & Pick<RolloutOptions, 'strategy' | 'release' | 'image'>;

/** `bake plan rollout`: what a rollout would change, take and need. Changes nothing. */
export const planRollout = (options: PlanRolloutOptions): Promise<number> =>
  hostOperation(
    'plan rollout',
    options,
    ({ project, run }) => {
      const { strategy, release, image } = options;
      return planFleet(project, { ...run, strategy, release, image });
    },
    { page: false },
  );
