import { type CutoverResult, cutOver } from '../rollout/blue-green/cutover.ts';
import { usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { confirm } from './confirm.ts';
import { chooserFor } from './on-interrupt.ts';
import { type GlobalOptions, type Outcome, runCommand } from './session.ts';

export interface CutoverCommandOptions extends GlobalOptions {
  emergency?: boolean;
  force?: boolean;
  yes?: boolean;
  forceUnlock?: boolean;
}

/** `bake cutover` */
export const cutover = (options: CutoverCommandOptions): Promise<number> =>
  runCommand('cutover', options, async ({ run, cloud, project, quiet }) => {
    const { emergency = false, force = false, yes, json, forceUnlock } = options;
    if (force && !emergency)
      throw usageError(
        '--force is for --emergency',
        'A planned cutover waits until every instance is healthy.',
      );
    const result = await cutOver(run, cloud, project, {
      mode: force ? 'forced' : emergency ? 'emergency' : 'planned',
      forceUnlock,
      onInterrupt: chooserFor(project.config.rollout.onInterrupt, quiet),
      confirm: (plan, expected) => confirm(`This will ${plan}.`, { yes, json, signal: run.signal, expected }),
    });
    return outcome(result);
  });

function outcome(result: CutoverResult): Outcome {
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
