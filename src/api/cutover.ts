import type { Project } from '../config/schema.ts';
import { type CutoverMode, type CutoverResult, cutOver } from '../rollout/blue-green/cutover.ts';
import type { Chooser, InterruptChoice } from '../rollout/interruption.ts';
import { count, formatDuration } from '../run/format.ts';
import { type Outcome, perform, type RunOptions } from './perform.ts';
import { chooserOf } from './rollout.ts';

/** Options of `cutover`. */
export interface CutoverOptions extends RunOptions {
  /**
   * `planned` (default): health, smoke tests, traffic step by step. `emergency`: at once, as soon as one instance is healthy;
   * `forced`: even if none is.
   */
  mode?: Exclude<CutoverMode, 'swift'>;
  /** Also when somebody holds the lock of the fleet, who loses it. */
  forceUnlock?: boolean;
  /** What an interruption by `signal` does to a planned one; see `RolloutOptions`. */
  onInterrupt?: InterruptChoice | Chooser;
  /** Awaited before it is begun, with what it will do in words, and the group that would come in front; what it throws ends the operation. */
  confirm?: (plan: string, colour: string) => Promise<void>;
}

/** Puts the other colour in front, the one that is kept for the way back or that is coming: `bake cutover`. */
export const cutover = (project: Project, options: CutoverOptions = {}): Promise<CutoverResult> =>
  perform(project, options, {
    command: 'cutover',
    async work({ run, cloud }) {
      const { mode = 'planned', forceUnlock, confirm } = options;
      const onInterrupt = chooserOf(options.onInterrupt ?? project.config.rollout.onInterrupt);
      const result = await cutOver(run, cloud, project, { mode, forceUnlock, onInterrupt, confirm });
      return { ...told(result), result };
    },
  });

function told(result: CutoverResult): Outcome {
  const { group, release, instances, ready, previousGroup, previousRelease, duration } = result;
  const was = previousRelease === undefined ? '' : ` (release ${previousRelease})`;
  const coming = ready < instances ? `, ${ready} of ${instances} in service so far` : '';
  return {
    headline: `${group} is in front with release ${release} on ${count(instances, 'instance')}${coming}, after ${formatDuration(duration)}`,
    changed: [
      `in front: ${previousGroup}${was} → ${group} (release ${release})`,
      `${previousGroup} is kept for the way back`,
    ],
    next: ['bake status', 'bake smoke', `bake cutover    # back to ${previousGroup}`],
  };
}
