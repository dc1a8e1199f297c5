import { abortRollout, type RolloutOptions, rollout as rollOut } from '../api/rollout.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { IN_PLACE_INTERRUPTED } from './in-place.ts';
import { chooserFor } from './on-interrupt.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

type RolloutCommandOptions = GlobalOptions &
  Pick<RolloutOptions, 'strategy' | 'release' | 'image' | 'detach' | 'resume' | 'forceUnlock'> & {
    abort?: boolean;
    onInterrupt?: string;
  };

const INTERRUPTED = {
  first: 'interrupted',
  second:
    'the rollout goes on as far as it does so without bake; `bake rollout --resume` takes it up, `bake rollback` takes it back',
};

/** `bake rollout` */
export const rollout = (options: RolloutCommandOptions): Promise<number> =>
  hostOperation(
    'rollout',
    options,
    async ({ project, run, quiet }) => {
      const { strategy, release, image, detach, resume, abort, forceUnlock } = options;
      if (abort) return abortRollout(project, { ...run, strategy, forceUnlock });
      const onInterrupt = chooserFor(options.onInterrupt ?? project.config.rollout.onInterrupt, quiet);
      const settings = { strategy, release, image, detach, resume, forceUnlock, onInterrupt };
      return rollOut(project, { ...run, ...settings });
    },
    {
      interrupted: (project) => (isInPlace(project, options.strategy) ? IN_PLACE_INTERRUPTED : INTERRUPTED),
    },
  );
