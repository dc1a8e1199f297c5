import type { InstanceRefresh, RefreshPreferences } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import type { Rollout } from './context.ts';
import { findRefresh } from './follow.ts';
import { Progress, progressWords } from './progress.ts';
import { verifyFleet } from './verify.ts';

/**
 * Takes every instance back to the launch template version that the fleet ran before, by the fastest way there is: the rollback of the
 * running refresh (the cloud's own, if it has begun one), else a new refresh to the old number. Ends when the fleet is there,
 * verified instance by instance. Is not interrupted by the run's signal.
 */
export async function rollBack(rollout: Rollout, refreshId: string, step: Step): Promise<void> {
  const { run, cloud, roster, config, before } = rollout;
  let refresh = await findRefresh(rollout, refreshId);
  if (isUnderWay(refresh)) {
    await cloud.refreshes.rollback(before.group.name);
    refresh = await findRefresh(rollout, refreshId);
  }
  if (refresh.state === 'rollback-in-progress') refresh = await watchToEnd(rollout, refreshId, step);
  if (isUnderWay(refresh)) {
    await cloud.refreshes.cancel(before.group.name);
    refresh = await watchToEnd(rollout, refreshId, step);
  }
  if (!hasEnded(refresh.state)) refresh = await watchToEnd(rollout, refreshId, step);
  if (refresh.state !== 'rollback-successful') await refreshBack(rollout, step);
  await verifyFleet(run, cloud, roster, { version: before.previous.version, config, step });
}

const isUnderWay = ({ state }: InstanceRefresh) =>
  state === 'pending' || state === 'in-progress' || state === 'baking';

/** A new refresh to the old number. Twice the fleet may exist for a moment: what is wrong should be gone soon. */
async function refreshBack(rollout: Rollout, step: Step): Promise<void> {
  const { cloud, before, config } = rollout;
  const preferences: RefreshPreferences = {
    minHealthyPercentage: 100,
    maxHealthyPercentage: 200,
    checkpoints: [],
    skipMatching: true,
    autoRollback: false,
    alarms: [], // An alarm that is ringing, as it may be now, would refuse the way back.
    soak: 0,
    scaleInProtected: config.scaleInProtected,
    standby: config.standby,
  };
  const { name, template } = before.group;
  const request = { templateId: template.id, version: before.previous.version, preferences };
  const refreshId = await cloud.refreshes.start(name, request);
  const { state, reason } = await watchToEnd(rollout, refreshId, step);
  if (state === 'successful') return;
  throw new BakeError(
    `the refresh back to version ${before.previous.version} ended ${state}${reason ? `: ${reason}` : ''}`,
  );
}

async function watchToEnd(rollout: Rollout, refreshId: string, step: Step): Promise<InstanceRefresh> {
  const { run, config, before } = rollout;
  const warmup = before.group.defaultWarmup ?? before.group.healthCheckGrace;
  const progress = new Progress(config, warmup, run.clock.now());
  return poll<InstanceRefresh>(
    async () => {
      const refresh = await findRefresh(rollout, refreshId);
      step.progress(progressWords(refresh), { percent: refresh.percent });
      if (hasEnded(refresh.state)) return { done: true, value: refresh };
      const { changed, stuckFor } = progress.see(refresh, run.clock.now());
      if (stuckFor !== undefined) throw new BakeError(`it does not get on: ${progressWords(refresh)}`);
      return { done: false, state: progressWords(refresh), soon: changed };
    },
    {
      what: 'the rollback',
      timeout: config.deadline,
      clock: run.clock,
      interval: { first: 250, longest: Math.min(10_000, Math.max(500, warmup / 4)) },
    },
  );
}
