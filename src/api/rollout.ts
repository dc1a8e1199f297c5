import type { Project } from '../config/schema.ts';
import type { InPlaceResult } from '../rollout/in-place/rollout.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import type { Chooser, InterruptChoice } from '../rollout/interruption.ts';
import type { RolloutResult as FleetRollout } from '../rollout/rolling.ts';
import { abortRollout as abortFleet, rollOut } from '../rollout/rollout.ts';
import { count, formatDuration } from '../run/format.ts';
import { asksCloud, forFleets, rolloutInPlace } from './in-place.ts';
import { type Outcome, perform, type RunOptions } from './perform.ts';

/** How a release is brought. */
export type Strategy = 'rolling' | 'blue-green' | 'in-place';

/** Options of `rollout`. */
export interface RolloutOptions extends RunOptions {
  /** Default: `rollout.strategy` of bake.yaml. */
  strategy?: Strategy;
  /** Name of the release. Default: the newest image. */
  release?: string;
  /** Id of an image, instead of a release. */
  image?: string;
  /** Begins, and lets the cloud go on by itself (rolling). */
  detach?: boolean;
  /** Goes on with a rollout that was left half done. */
  resume?: boolean;
  /** Also when somebody holds the lock of the fleet, who loses it. */
  forceUnlock?: boolean;
  /**
   * What an interruption by `signal` does to a rolling rollout. Default: `rollout.onInterrupt` of bake.yaml, where `ask` is
   * `rollback`: here is nobody to be asked.
   */
  onInterrupt?: InterruptChoice | Chooser;
}

/** What a rollout did: to a fleet, or to servers that stay. */
export type RolloutResult = ({ kind: 'fleet' } & FleetRollout) | ({ kind: 'in-place' } & InPlaceResult);

/**
 * Brings a release to the fleet, or to servers that stay, with smoke tests, and back if they fail: `bake rollout`. Resolves when every
 * instance has been seen to run the release; throws with exit code 1 when it did not make it (the fleet is back where it was), 2
 * when nothing was begun because something has to be put right first, 130 when it was interrupted.
 */
export const rollout = (project: Project, options: RolloutOptions = {}): Promise<RolloutResult> =>
  perform<RolloutResult>(project, options, {
    command: 'rollout',
    cloud: asksCloud(project, options.strategy),
    async work(session) {
      if (isInPlace(project, options.strategy)) {
        const { result, ...outcome } = await rolloutInPlace(session, options);
        return { ...outcome, result: { kind: 'in-place', ...result } };
      }
      const { release, image: imageId, strategy, detach, resume, forceUnlock } = options;
      const onInterrupt = chooserOf(options.onInterrupt ?? project.config.rollout.onInterrupt);
      const settings = { strategy, release, imageId, detach, resume, forceUnlock, onInterrupt };
      const result = await rollOut(session.run, session.cloud, project, settings);
      return { ...told(result), result: { kind: 'fleet', ...result } };
    },
  });

/** Options of `abortRollout`. */
export type AbortOptions = RunOptions & Pick<RolloutOptions, 'strategy' | 'forceUnlock'>;

/**
 * Takes back a blue-green rollout or a cutover that was left half done: `bake rollout --abort`. Resolves with where the fleet is now,
 * in words.
 */
export const abortRollout = (project: Project, options: AbortOptions = {}): Promise<string> =>
  perform(project, options, {
    command: 'rollout',
    cloud: asksCloud(project, options.strategy),
    async work(session) {
      const { strategy, forceUnlock } = options;
      if (isInPlace(project, strategy)) throw forFleets('abort');
      const headline = await abortFleet(session.run, session.cloud, project, { forceUnlock });
      const changed = ['the rollout that was half done is taken back'];
      return { result: headline, headline, changed, next: ['bake status'] };
    },
  });

/** Nobody can be asked here: who hosts the operation may give a function that asks. */
export const chooserOf = (choice: InterruptChoice | Chooser | 'ask'): Chooser => {
  if (typeof choice === 'function') return choice;
  return () => (choice === 'ask' ? 'rollback' : choice);
};

function told(result: FleetRollout): Outcome {
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
}

function changesOf({
  group,
  previousGroup,
  kept,
  version,
  previousVersion,
  replaced,
}: FleetRollout): string[] {
  const template = `launch template version ${previousVersion} → ${version}`;
  if (previousGroup === undefined)
    return [`${group}: ${template}`, `${count(replaced, 'instance')} replaced`];
  return [
    `in front: ${previousGroup} → ${group}, ${template}`,
    kept ? `${previousGroup} is kept for the way back` : `${previousGroup} is gone`,
  ];
}
