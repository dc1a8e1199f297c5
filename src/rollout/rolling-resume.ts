import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { withHooks } from '../hooks/hooks.ts';
import { BakeError, usageError } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import type { Rollout } from './context.ts';
import { resumeLeftovers } from './hold.ts';
import { hooksAround } from './hooks-around.ts';
import { type RollingOptions, type RolloutResult, rolling, seeThrough, tellResult } from './rolling.ts';
import { type TakenUp, takeUp } from './take-up.ts';
import { ROLLING_BACK, undoRollout } from './undo.ts';

/**
 * Takes up a rollout whose process is gone (killed, detached, or told to leave it) where it is now: follows it, runs the gates that
 * it has not passed, verifies and remembers it; goes on undoing what was being undone; begins what had not begun. Throws as `rolling`
 * does, also when the cloud has rolled back meanwhile.
 */
export async function resumeRolling(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: RollingOptions,
): Promise<RolloutResult> {
  const { lock, onInterrupt } = options;
  const taken = await run.step('rollout.resume', 'Looking where the rollout is', async (step) => {
    const found = await takeUp(run, cloud, project, lock);
    step.summary = found ? words(found) : 'it has not begun';
    return found;
  });
  if (!taken) {
    await resumeLeftovers(run, cloud, lock);
    return beginAgain(run, cloud, project, options);
  }
  const { rollout, refresh } = taken;
  const hooks = { ...hooksAround(rollout, 'rolling'), before: undefined };
  await withHooks(run, project, hooks, async () => {
    if (lock.record.phase === ROLLING_BACK) throw await finishUndo(rollout);
    await seeThrough(rollout, refresh.id, onInterrupt);
  });
  await lock.release();
  const { instances } = await rollout.roster.look();
  const replaced = instances.filter(({ templateVersion }) => templateVersion === rollout.version).length;
  return tellResult(rollout, { replaced, detached: false, duration: run.clock.now() - rollout.since });
}

async function finishUndo(rollout: Rollout): Promise<BakeError> {
  const { lock } = rollout;
  const cause = new BakeError(lock.record.reason ?? 'it was being undone');
  const end = await undoRollout(rollout, lock.record.refresh, cause);
  await lock.release();
  return end;
}

const words = ({ rollout, refresh: { state, percent } }: TakenUp) =>
  `release ${rollout.release}: the instance refresh is ${state}${hasEnded(state) ? '' : ` at ${percent} %`}`;

/** The cloud has replaced nothing: the release that was meant is rolled out from the start. */
async function beginAgain(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: RollingOptions,
): Promise<RolloutResult> {
  const { release, imageId } = options.lock.record;
  if (imageId === undefined)
    throw usageError(
      'there is no rollout to resume',
      '`bake status` shows what runs where; `bake rollout` begins one.',
    );
  run.note(`the rollout of release ${release} had replaced nothing yet: it begins now`);
  return rolling(run, cloud, project, { ...options, release: undefined, imageId });
}
