import type { Cloud, RefreshPreferences } from '../clouds/cloud.ts';
import type { Project, RolloutConfig } from '../config/schema.ts';
import { Roster } from '../fleet/roster.ts';
import { verifiedTags } from '../fleet/verified.ts';
import { runHooks, withHooks } from '../hooks/hooks.ts';
import { findRelease } from '../image/releases.ts';
import { BakeError, Interrupted } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import { hasSmokeTests, readBaseline } from '../smoke/run.ts';
import { bringVersion } from './bring-version.ts';
import type { Rollout } from './context.ts';
import { estimateRollout, launchTime } from './estimate.ts';
import { followRefresh, warmupOf } from './follow.ts';
import { startGate } from './gate.ts';
import { Hold, resumeLeftovers } from './hold.ts';
import { hooksAround } from './hooks-around.ts';
import { afterCancel, type Chooser, Interruption, leaveRunning } from './interruption.ts';
import { notAt, preflight } from './preflight.ts';
import type { FleetLock } from './record.ts';
import { undoRollout } from './undo.ts';
import { verifyFleet } from './verify.ts';

/** What the fleet runs after a rollout. */
export interface RolloutResult {
  /** The group that does the work now. */
  group: string;
  /** The one that did it before, where it is another; `kept`: it is still there, for the way back. */
  previousGroup?: string;
  kept?: boolean;
  release: string;
  imageId: string;
  /** Launch template version that the fleet runs now, or is on the way to. */
  version: number;
  /** Launch template version that it ran before. */
  previousVersion: number;
  instances: number;
  replaced: number;
  /** Milliseconds. */
  duration: number;
  /** It was begun, and goes on in the cloud without bake. */
  detached: boolean;
}

export interface RollingOptions {
  lock: FleetLock;
  release?: string;
  imageId?: string;
  /** Begin, and leave the rest to the cloud and to whoever resumes it. */
  detach: boolean;
  onInterrupt: Chooser;
}

/**
 * Rolls a release out to the fleet by instance refresh, with smoke tests at its checkpoints and at its end. Whatever fails
 * rolls back; either way the end state is verified instance by instance. Throws a `BakeError` with exit code 1 when the
 * release did not make it, 130 when interrupted, 2 when nothing was begun because something has to be put right first.
 */
export async function rolling(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: RollingOptions,
): Promise<RolloutResult> {
  const startedAt = run.clock.now();
  const rollout = await run.step('rollout.preflight', 'Checking that the rollout can go', async (step) => {
    const prepared = await prepare(run, cloud, project, options);
    step.summary = `release ${prepared.release} as launch template version ${prepared.version}`;
    return prepared;
  });
  const { before, version } = rollout;
  const replaced = notAt(before.group, version);
  // A group that points at this version already cannot be refreshed to it with a way back: what differs is replaced one by one.
  const here = before.previous.version === version;
  const detached = options.detach && !here;
  const hooks = hooksAround(rollout, 'rolling');
  if (detached) {
    await runHooks(run, project, hooks.before, hooks.facts);
    await startRefresh(rollout, replaced);
    await rollout.lock.leave();
  } else {
    const work = () => (here ? finishHere(rollout) : refreshTo(rollout, replaced, options.onInterrupt));
    await (replaced === 0 ? work() : withHooks(run, project, hooks, work));
    await rollout.lock.release();
  }
  return tellResult(rollout, { replaced, detached, duration: run.clock.now() - startedAt });
}

/** The result as a fact, for machines. */
export async function tellResult(
  { run, roster, before, release, image, version }: Rollout,
  numbers: Pick<RolloutResult, 'replaced' | 'detached' | 'duration'>,
): Promise<RolloutResult> {
  const result: RolloutResult = {
    group: before.group.name,
    release,
    imageId: image.imageId,
    version,
    previousVersion: before.previous.version,
    instances: (await roster.look()).desired,
    ...numbers,
  };
  run.fact('rollout', result);
  return result;
}

/** Everything that can be checked is checked before the launch template version, the only thing made here, is made. */
async function prepare(
  run: Run,
  cloud: Cloud,
  project: Project,
  { lock, release: wanted, imageId, detach }: RollingOptions,
): Promise<Rollout> {
  await resumeLeftovers(run, cloud, lock);
  const before = await preflight(cloud, project, { detach });
  const image = await findRelease(cloud, project, { release: wanted, imageId });
  const baseline = await readBaseline(cloud, project.config.smoke, before.group);
  for (const warning of before.warnings) run.warn(warning);
  if (!hasSmokeTests(project.config.smoke))
    run.warn('bake.yaml names no smoke test: only the health of the instances is watched');
  const { name } = before.group;
  const roster = new Roster(cloud, name);
  await roster.look();
  const release = image.release ?? image.imageId;
  const version = await bringVersion(run, cloud, project, image, before);
  await lock.note({
    strategy: 'rolling',
    front: name,
    release,
    imageId: image.imageId,
    version,
    previousVersion: before.previous.version,
    phase: 'ready',
    // Of an earlier rollout, where the lock was forced.
    refresh: undefined,
    passed: undefined,
    reason: undefined,
  });
  run.fact('bringing', { strategy: 'rolling', release, imageId: image.imageId, commit: image.gitCommit });
  const hold = new Hold({ cloud, lock, group: name });
  const { config } = project;
  const since = run.clock.now();
  return {
    run,
    cloud,
    project,
    config: config.rollout,
    before,
    roster,
    lock,
    hold,
    baseline,
    image,
    release,
    version,
    since,
  };
}

/** Begins to replace instances. Returns the id of the refresh. */
async function startRefresh(rollout: Rollout, toReplace: number): Promise<string> {
  const { run, cloud, lock, config, before, version } = rollout;
  const { group } = before;
  const estimate = estimateRollout({
    ...config,
    launch: launchTime(await cloud.groups.activities(group.name, 50).catch(() => [])),
    warmup: warmupOf(rollout),
    desired: group.desired,
    toReplace,
  });
  const most = group.desired + (estimate.launchesFirst ? estimate.batch : 0);
  const room = most > group.max ? ` (up to ${most} at a time, more than the group's ${group.max})` : '';
  run.note(
    `${count(toReplace, 'instance')} to replace, ${estimate.batch} at a time, ${estimate.launchesFirst ? 'launching before terminating' : 'terminating before launching'}${room}: about ${formatDuration(estimate.duration)}`,
  );
  if (run.signal.aborted) throw new Interrupted();
  const refresh = await cloud.refreshes.start(group.name, {
    templateId: group.template.id,
    version,
    preferences: preferencesOf(config),
  });
  // It goes on whether that is known or not. Who has lost the lock hears of it, and whoever comes later finds the refresh.
  await lock.note({ refresh, phase: 'replacing' }).catch(() => {});
  return refresh;
}

function preferencesOf(config: RolloutConfig): RefreshPreferences {
  const { soak, skipMatching, autoRollback, alarms, scaleInProtected, standby } = config;
  const { minHealthyPercentage, maxHealthyPercentage } = config;
  const checkpoints = wholeFleet(config.checkpoints);
  return {
    minHealthyPercentage,
    maxHealthyPercentage,
    checkpoints,
    // AWS: a delay without checkpoints is an error.
    checkpointDelay: checkpoints.length > 0 ? config.checkpointDelay : undefined,
    skipMatching,
    autoRollback,
    alarms,
    soak,
    scaleInProtected,
    standby,
  };
}

/** Without a last checkpoint of 100 the cloud would end there and leave the rest as it was (AWS: CheckpointPercentages). */
const wholeFleet = (checkpoints: number[]) =>
  checkpoints.length > 0 && checkpoints.at(-1) !== 100 ? [...checkpoints, 100] : checkpoints;

async function refreshTo(rollout: Rollout, toReplace: number, onInterrupt: Chooser): Promise<void> {
  const refreshId = await startRefresh(rollout, toReplace);
  await seeThrough(rollout, refreshId, onInterrupt);
}

/**
 * Sees a refresh that is under way, or has ended, through to the verified fleet; on failure and interruption to whatever end was chosen.
 * Throws the error that tells of it.
 */
export async function seeThrough(rollout: Rollout, refreshId: string, onInterrupt: Chooser): Promise<void> {
  const { run, cloud, roster, lock, config, before, version } = rollout;
  const interruption = new Interruption(rollout, refreshId, onInterrupt);
  try {
    await run.step('rollout.replace', `Replacing the instances of ${before.group.name}`, async (step) => {
      await followRefresh(rollout, refreshId, step);
      const { instances } = await roster.look();
      const right = instances.filter(({ templateVersion }) => templateVersion === version);
      step.summary = `${count(right.length, 'instance')} of release ${rollout.release}`;
    });
    await lock.note({ phase: 'verifying' }).catch(() => {}); // Only words.
    await run.step('rollout.verify', 'Verifying what every instance runs', (step) =>
      verifyFleet(run, cloud, roster, { version, config, step, signal: stopSignal(rollout) }),
    );
    await markVerified(rollout);
  } catch (error) {
    if (lock.lost.aborted) throw lostLock(rollout);
    throw await endOf(rollout, refreshId, interruption, error);
  } finally {
    interruption.over();
  }
}

/** What ends a wait for the fleet. */
const stopSignal = ({ run, lock }: Rollout) => AbortSignal.any([run.signal, lock.lost]);

async function endOf(
  rollout: Rollout,
  refreshId: string,
  interruption: Interruption,
  error: unknown,
): Promise<BakeError> {
  interruption.over(); // What follows is the end, whoever asks for it.
  // A deciding call that failed is tried again on the way back, which says what is wrong.
  const choice = await interruption.chosen?.catch(() => 'rollback' as const);
  if (choice === 'leave') return leaveRunning(rollout);
  const end =
    choice === 'cancel'
      ? await afterCancel(rollout, refreshId)
      : await undoRollout(rollout, refreshId, error);
  await rollout.lock.release();
  return end;
}

/** Somebody else works on the fleet now: nothing more is done to it here. */
const lostLock = ({ lock, release }: Rollout): BakeError =>
  new BakeError(`the rollout of release ${release} was given up where it was: ${lock.lost.reason.message}`, {
    hint: '`bake status` shows what runs where, and who works on it.',
  });

async function finishHere(rollout: Rollout): Promise<void> {
  const { run, cloud, roster, lock, config, version, release } = rollout;
  await run.step(
    'rollout.verify',
    `Release ${release} is what the group launches: verifying every instance`,
    (step) =>
      verifyFleet(run, cloud, roster, { version, config, step, signal: stopSignal(rollout) }).catch(
        (error) => {
          throw lock.lost.aborted ? lostLock(rollout) : error;
        },
      ),
  );
  const { failure } = await startGate(rollout, 100).done;
  if (lock.lost.aborted) throw lostLock(rollout);
  if (run.signal.aborted) throw new Interrupted();
  if (failure !== undefined) {
    throw new BakeError(`release ${release} runs on the whole fleet, and does not work: ${failure}`, {
      hint: 'Bring back a release that works: `bake rollback`.',
    });
  }
  await markVerified(rollout);
}

/** The last verified release is known to the cloud, so that any machine can go back to it. A fleet without instances proves nothing. */
async function markVerified({ cloud, before, roster, release, version }: Rollout): Promise<void> {
  const { desired, tags: known } = await roster.look();
  const tags = { [TAG.release]: release, ...(desired > 0 && verifiedTags(known, { release, version })) };
  await cloud.groups.setTags(before.group.name, tags, { propagate: false });
}
