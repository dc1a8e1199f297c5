import { rollOut } from '../rollout/rollout.ts';
import { count, formatDuration } from '../run/format.ts';
import { chooserFor } from './on-interrupt.ts';
import { type GlobalOptions, runCommand } from './session.ts';

export interface RolloutOptions extends GlobalOptions {
  strategy?: string;
  release?: string;
  image?: string;
  detach?: boolean;
  resume?: boolean;
  onInterrupt?: string;
  forceUnlock?: boolean;
}

/** `bake rollout` */
export const rollout = (options: RolloutOptions): Promise<number> =>
  runCommand('rollout', options, async ({ run, cloud, project }) => {
    const { release, image: imageId, strategy, detach, resume, forceUnlock } = options;
    const onInterrupt = chooserFor(options.onInterrupt ?? project.config.rollout.onInterrupt);
    const settings = { strategy, release, imageId, detach, resume, forceUnlock, onInterrupt };
    const result = await rollOut(run, cloud, project, settings);
    const { group, version, previousVersion, instances, replaced, duration } = result;
    const where = `${count(instances, 'instance')} of ${group}`;
    if (result.detached) {
      return {
        headline: `release ${result.release} is on its way to ${where}; the cloud goes on by itself, without smoke tests`,
        next: [
          'bake rollout --resume    # follows it, tests it, and marks it as verified',
          'bake status --watch      # only looks on',
          'bake rollback            # takes it back',
        ],
      };
    }
    if (version === previousVersion && replaced === 0)
      return { headline: `release ${result.release} runs on ${where} already; nothing changed` };
    return {
      headline: `release ${result.release} runs on ${where} after ${formatDuration(duration)}`,
      changed: [
        `${group}: launch template version ${previousVersion} → ${version}`,
        `${count(replaced, 'instance')} replaced`,
      ],
      next: ['bake status', 'bake smoke'],
    };
  });
