import { rollOut } from '../rollout/rolling.ts';
import { usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { type GlobalOptions, runCommand } from './session.ts';

export interface RolloutOptions extends GlobalOptions {
  strategy?: string;
  release?: string;
  image?: string;
}

/** `bake rollout` */
export const rollout = (options: RolloutOptions): Promise<number> =>
  runCommand('rollout', options, async ({ run, cloud, project }) => {
    const { release, image: imageId, strategy = project.config.rollout.strategy } = options;
    if (strategy !== 'rolling')
      throw usageError(`there is no strategy ${strategy}`, 'The strategy is: rolling.');
    const result = await rollOut(run, cloud, project, { release, imageId });
    const { group, version, previousVersion, instances, replaced, duration } = result;
    const where = count(instances, 'instance');
    if (version === previousVersion && replaced === 0)
      return { headline: `release ${result.release} runs on ${where} of ${group} already; nothing changed` };
    return {
      headline: `release ${result.release} runs on ${where} of ${group} after ${formatDuration(duration)}`,
      changed: [
        `${group}: launch template version ${previousVersion} → ${version}`,
        `${count(replaced, 'instance')} replaced`,
      ],
      next: ['bake status', 'bake smoke'],
    };
  });
