import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { tellingCloud } from '../fleet/sightings.ts';
import { usageError } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import { abortBlueGreen, resumeBlueGreen } from './blue-green/resume.ts';
import { blueGreen } from './blue-green/rollout.ts';
import type { Chooser } from './interruption.ts';
import { lockFleet } from './lock.ts';
import { isHalfDone } from './record.ts';
import { type RolloutResult, rolling } from './rolling.ts';
import { resumeRolling } from './rolling-resume.ts';

export interface RolloutOptions {
  /** Default: that of the configuration. */
  strategy?: string;
  /** Default: the newest. */
  release?: string;
  imageId?: string;
  /** Begin, and let go as soon as the cloud goes on by itself. */
  detach?: boolean;
  /** Go on with what a run has left half done. */
  resume?: boolean;
  /** Whoever holds the fleet's lock loses it. */
  forceUnlock?: boolean;
  /** Default: rolls back. */
  onInterrupt?: Chooser;
}

/**
 * `bake rollout`: makes the fleet this run's alone, and brings a release to it, or goes on with a rollout that has lost its process.
 * What is neither done nor undone in the end stays in the fleet's record for the next one.
 */
export async function rollOut(
  run: Run,
  given: Cloud,
  project: Project,
  options: RolloutOptions = {},
): Promise<RolloutResult> {
  const cloud = tellingCloud(run, given, project);
  const { resume = false, forceUnlock, detach = false, release, imageId } = options;
  const { onInterrupt = () => 'rollback' } = options;
  const takeOver = forceUnlock ? 'force' : resume ? 'resume' : undefined;
  const lock = await lockFleet(run, cloud, project, { command: 'rollout', takeOver });
  try {
    const begun = resume ? lock.record.strategy : undefined;
    const strategy = begun ?? options.strategy ?? project.config.rollout.strategy;
    const settings = { lock, release, imageId, detach, onInterrupt };
    if (strategy === 'rolling')
      return await (resume ? resumeRolling : rolling)(run, cloud, project, settings);
    if (strategy !== 'blue-green')
      throw usageError(`there is no strategy ${strategy}`, 'The strategies are: rolling, blue-green.');
    if (detach)
      throw usageError(
        'a blue-green rollout cannot be detached: nobody but bake moves the traffic',
        'Leave --detach out, or use --strategy rolling.',
      );
    return await (resume ? resumeBlueGreen : blueGreen)(run, cloud, project, settings);
  } finally {
    await (isHalfDone(lock.record) ? lock.leave() : lock.release());
  }
}

/**
 * `bake rollout --abort`: takes back a blue-green rollout or a cutover that has lost its process. Returns where the fleet is now, in words.
 * What a rolling one has left is `bake rollback`'s.
 */
export async function abortRollout(
  run: Run,
  given: Cloud,
  project: Project,
  { forceUnlock = false }: { forceUnlock?: boolean } = {},
): Promise<string> {
  const cloud = tellingCloud(run, given, project);
  const takeOver = forceUnlock ? 'force' : 'resume';
  const lock = await lockFleet(run, cloud, project, { command: 'rollout --abort', takeOver });
  try {
    if (lock.record.strategy === 'rolling' && isHalfDone(lock.record))
      throw usageError(
        'the rollout that was left half done is a rolling one',
        '`bake rollback` takes it back.',
      );
    return (await abortBlueGreen(run, cloud, project, lock)).words;
  } finally {
    await (isHalfDone(lock.record) ? lock.leave() : lock.release());
  }
}
