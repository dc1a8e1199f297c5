import type { InstanceRefresh, RefreshPreferences } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import type { WayBack } from './context.ts';
import { findRefresh } from './find-refresh.ts';
import { Progress, progressWords } from './progress.ts';
import { verifyFleet } from './verify.ts';

/**
 * Takes every instance back to the launch template version that the fleet ran before, by the fastest way there is: the rollback of the
 * running refresh (the cloud's own, if it has begun one), else a new refresh to the old number. Ends when the fleet is there,
 * verified instance by instance. Is not interrupted by the run's signal. May be begun by one process and ended by another.
 */
export async function rollBack(way: WayBack, refreshId: string | undefined, step: Step): Promise<void> {
  const { run, cloud, roster, config, before } = way;
  const { version } = before.previous;
  for (let id = await turnBack(way, refreshId); ; id = await turnBack(way, id)) {
    const refresh = await watchToEnd(way, id, step);
    if (isThere(refresh, version)) break;
    if (isBack(way, refresh)) {
      const { state, reason } = refresh;
      throw new BakeError(
        `the refresh back to version ${version} ended ${state}${reason ? `: ${reason}` : ''}`,
      );
    }
  }
  await verifyFleet(run, cloud, roster, { version, config, step });
}

/** Whether it has taken the fleet back. */
const isThere = ({ state, templateVersion }: InstanceRefresh, version: number) =>
  state === 'rollback-successful' || (state === 'successful' && templateVersion === version);

/**
 * Makes the cloud go back, which it then does without bake, and returns the refresh that has to be watched for it. Begins with the
 * call that decides, before anything that takes time: this process may have only seconds left.
 */
export async function turnBack(way: WayBack, refreshId: string | undefined): Promise<string> {
  const { cloud, before, hold } = way;
  const { name } = before.group;
  const refresh = await newestOf(way, refreshId);
  if (refresh && isUnderWay(refresh) && !isBack(way, refresh)) {
    const turned = await cloud.refreshes.rollback(name);
    // Irreversible, or too early: then what was replaced is replaced again.
    if (!turned) await cloud.refreshes.cancel(name);
  }
  // A refresh that is held does not go back either.
  await hold.letGo();
  if (refresh && (!hasEnded(refresh.state) || isThere(refresh, before.previous.version))) return refresh.id;
  return refreshBack(way);
}

/** The refresh that counts: an active one, which may be a way back that was begun before, else the one that is known. */
async function newestOf(
  { cloud, before }: WayBack,
  refreshId: string | undefined,
): Promise<InstanceRefresh | undefined> {
  const [newest] = await cloud.refreshes.list(before.group.name);
  if (newest && !hasEnded(newest.state)) return newest;
  return refreshId === undefined ? undefined : cloud.refreshes.find(before.group.name, refreshId);
}

const isUnderWay = ({ state }: InstanceRefresh) =>
  state === 'pending' || state === 'in-progress' || state === 'baking';

/** A refresh to the old number is the way back itself. */
const isBack = ({ before }: WayBack, { templateVersion }: InstanceRefresh) =>
  templateVersion === before.previous.version;

/** A new refresh to the old number. Twice the fleet may exist for a moment: what is wrong should be gone soon. */
async function refreshBack({ cloud, lock, before, config }: WayBack): Promise<string> {
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
  const refresh = await cloud.refreshes.start(name, request);
  await lock.note({ refresh }).catch(() => {}); // Whoever comes finds it all the same: it is active.
  return refresh;
}

export async function watchToEnd(way: WayBack, refreshId: string, step: Step): Promise<InstanceRefresh> {
  const { run, cloud, config, before, roster } = way;
  const warmup = before.group.defaultWarmup ?? before.group.healthCheckGrace;
  const progress = new Progress(config, warmup, run.clock.now());
  return poll<InstanceRefresh>(
    async () => {
      const [refresh] = await Promise.all([findRefresh(way, refreshId), roster.look()]);
      step.progress(progressWords(refresh), { percent: refresh.percent });
      if (hasEnded(refresh.state)) return { done: true, value: refresh };
      const { changed, stuckFor } = progress.see(refresh, run.clock.now());
      if (stuckFor !== undefined) {
        const suspended = (await cloud.groups.find(before.group.name))?.suspendedProcesses ?? [];
        const why = suspended.length > 0 ? ` (suspended: ${suspended.join(', ')})` : '';
        throw new BakeError(`it does not get on: ${progressWords(refresh)}${why}`);
      }
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
