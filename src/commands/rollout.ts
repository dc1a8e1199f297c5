import { isInPlace } from '../rollout/in-place/site.ts';
import type { RolloutResult } from '../rollout/rolling.ts';
import { abortRollout, rollOut } from '../rollout/rollout.ts';
import { count, formatDuration } from '../run/format.ts';
import { IN_PLACE, rolloutInPlace } from './in-place.ts';
import { chooserFor } from './on-interrupt.ts';
import { type GlobalOptions, runCommand } from './session.ts';

export interface RolloutOptions extends GlobalOptions {
  strategy?: string;
  release?: string;
  image?: string;
  detach?: boolean;
  resume?: boolean;
  abort?: boolean;
  onInterrupt?: string;
  forceUnlock?: boolean;
}

const INTERRUPTED = {
  first: 'interrupted',
  second:
    'the rollout goes on as far as it does so without bake; `bake rollout --resume` takes it up, `bake rollback` takes it back',
};

/** `bake rollout` */
export const rollout = (options: RolloutOptions): Promise<number> =>
  runCommand(
    'rollout',
    options,
    async (session) => {
      if (isInPlace(session.project, options.strategy)) return rolloutInPlace(session, options);
      const { run, cloud, project, quiet } = session;
      const { release, image: imageId, strategy, detach, resume, abort, forceUnlock } = options;
      if (abort) {
        const headline = await abortRollout(run, cloud, project, { forceUnlock });
        return { headline, changed: ['the rollout that was half done is taken back'], next: ['bake status'] };
      }
      const onInterrupt = chooserFor(options.onInterrupt ?? project.config.rollout.onInterrupt, quiet);
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
        changed: changesOf(result),
        next: [
          'bake status',
          'bake smoke',
          ...(result.kept ? [`bake cutover    # back to ${result.previousGroup}`] : []),
        ],
      };
    },
    {
      ...IN_PLACE.settings(options.strategy),
      interrupted: (project) => (isInPlace(project, options.strategy) ? IN_PLACE.interrupted : INTERRUPTED),
    },
  );

function changesOf({
  group,
  previousGroup,
  kept,
  version,
  previousVersion,
  replaced,
}: RolloutResult): string[] {
  const template = `launch template version ${previousVersion} → ${version}`;
  if (previousGroup === undefined)
    return [`${group}: ${template}`, `${count(replaced, 'instance')} replaced`];
  return [
    `in front: ${previousGroup} → ${group}, ${template}`,
    kept ? `${previousGroup} is kept for the way back` : `${previousGroup} is gone`,
  ];
}
