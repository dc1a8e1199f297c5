import type { Cloud, RefreshPreferences } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { Roster } from '../fleet/roster.ts';
import {
  type FleetImage,
  fleetConfig,
  fleetTags,
  launchSettings,
  releaseTags,
  userDataFor,
  versionDescription,
} from '../fleet/settings.ts';
import { ensureVersion } from '../fleet/versions.ts';
import { findRelease } from '../image/releases.ts';
import { BakeError, Interrupted } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import { hasSmokeTests, readBaseline } from '../smoke/run.ts';
import type { Rollout } from './context.ts';
import { estimateRollout } from './estimate.ts';
import { followRefresh } from './follow.ts';
import { startGate } from './gate.ts';
import { notAt, type Preflight, preflight } from './preflight.ts';
import { undoRollout } from './undo.ts';
import { verifyFleet } from './verify.ts';

export interface RolloutResult {
  group: string;
  release: string;
  imageId: string;
  /** Launch template version that the fleet runs now. */
  version: number;
  /** Launch template version that it ran before. */
  previousVersion: number;
  instances: number;
  replaced: number;
  /** Milliseconds. */
  duration: number;
}

/**
 * Rolls a release out to the fleet by instance refresh, with smoke tests at its checkpoints and at its end. Whatever fails (or Ctrl-C)
 * rolls back; either way the end state is verified instance by instance. Throws a `BakeError` with exit code 1 when the
 * release did not make it, 130 when interrupted, 2 when nothing was begun because something has to be put right first.
 */
export async function rollOut(
  run: Run,
  cloud: Cloud,
  project: Project,
  wanted: { release?: string; imageId?: string },
): Promise<RolloutResult> {
  const startedAt = run.clock.now();
  const rollout = await run.step('rollout.preflight', 'Checking that the rollout can go', async (step) => {
    const prepared = await prepare(run, cloud, project, wanted);
    step.summary = `release ${prepared.release} as launch template version ${prepared.version}`;
    return prepared;
  });
  const { before, version } = rollout;
  const replaced = notAt(before.group, version);
  // A group that points at this version already cannot be refreshed to it with a way back: what differs is replaced one by one.
  if (before.previous.version === version) await finishHere(rollout);
  else await refreshTo(rollout, replaced);
  const result: RolloutResult = {
    group: before.group.name,
    release: rollout.release,
    imageId: rollout.image.imageId,
    version,
    previousVersion: before.previous.version,
    instances: (await rollout.roster.look()).desired,
    replaced,
    duration: run.clock.now() - startedAt,
  };
  run.fact('rollout', result);
  return result;
}

/** Everything that can be checked is checked before the launch template version, the only thing made here, is made. */
async function prepare(
  run: Run,
  cloud: Cloud,
  project: Project,
  wanted: { release?: string; imageId?: string },
): Promise<Rollout> {
  const before = await preflight(cloud, project);
  const image = await findRelease(cloud, project, wanted);
  const baseline = await readBaseline(cloud, project.config.smoke);
  const settings = await settingsFor(cloud, project, image, before);
  for (const warning of before.warnings) run.warn(warning);
  if (!hasSmokeTests(project.config.smoke))
    run.warn('bake.yaml names no smoke test: only the health of the instances is watched');
  const roster = new Roster(cloud, fleetConfig(project).name);
  await roster.look();
  const { version } = await ensureVersion(run, cloud, {
    template: before.template,
    settings,
    description: versionDescription(image),
    source: before.previous.version,
  });
  return {
    run,
    cloud,
    project,
    config: project.config.rollout,
    before,
    roster,
    baseline,
    image,
    release: image.release ?? image.imageId,
    version,
    since: run.clock.now(),
  };
}

/** All settings of a template of bake's own; of another maker's template only what a release changes. */
async function settingsFor(cloud: Cloud, project: Project, image: FleetImage, { own, previous }: Preflight) {
  const { settings } = previous;
  if (own) return launchSettings(project, cloud, image);
  const userData =
    fleetConfig(project).userData === undefined
      ? settings.userData
      : await userDataFor(project, cloud.region, image);
  const tags = releaseTags({ ...settings.tags, ...fleetTags(project) }, image);
  return { ...settings, imageId: image.imageId, userData, tags };
}

async function refreshTo(rollout: Rollout, toReplace: number): Promise<void> {
  const { run, cloud, config, before, roster, version } = rollout;
  const checkpoints = wholeFleet(config.checkpoints);
  const warmup = before.group.defaultWarmup ?? before.group.healthCheckGrace;
  const estimate = estimateRollout({ ...config, warmup, desired: before.group.desired, toReplace });
  run.note(
    `${count(toReplace, 'instance')} to replace, ${estimate.batch} at a time, ${estimate.launchesFirst ? 'launching before terminating' : 'terminating before launching'}: about ${formatDuration(estimate.duration)}`,
  );
  const { soak, skipMatching, autoRollback, alarms, scaleInProtected, standby } = config;
  const { minHealthyPercentage, maxHealthyPercentage } = config;
  const preferences: RefreshPreferences = {
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
  const { name, template } = before.group;
  if (run.signal.aborted) throw new Interrupted();
  const refreshId = await cloud.refreshes.start(name, { templateId: template.id, version, preferences });
  try {
    await run.step('rollout.replace', `Replacing the instances of ${name}`, async (step) => {
      await followRefresh(rollout, refreshId, checkpoints, step);
      step.summary = `${count(toReplace, 'instance')} replaced`;
    });
    await run.step('rollout.verify', 'Verifying what every instance runs', (step) =>
      verifyFleet(run, cloud, roster, { version, config, step, signal: run.signal }),
    );
    await markVerified(rollout);
  } catch (error) {
    throw await undoRollout(rollout, refreshId, error);
  }
}

/** Without a last checkpoint of 100 the cloud would end there and leave the rest as it was (AWS: CheckpointPercentages). */
const wholeFleet = (checkpoints: number[]) =>
  checkpoints.length > 0 && checkpoints.at(-1) !== 100 ? [...checkpoints, 100] : checkpoints;

async function finishHere(rollout: Rollout): Promise<void> {
  const { run, cloud, roster, config, version, release } = rollout;
  await run.step(
    'rollout.verify',
    `Release ${release} is what the group launches: verifying every instance`,
    (step) => verifyFleet(run, cloud, roster, { version, config, step, signal: run.signal }),
  );
  const { failure } = await startGate(rollout, 100).done;
  if (run.signal.aborted) throw new Interrupted();
  if (failure !== undefined) {
    throw new BakeError(`release ${release} runs on the whole fleet, and does not work: ${failure}`, {
      hint: 'Bring back a release that works: `bake rollout --release NAME`.',
    });
  }
  await markVerified(rollout);
}

/** The last verified release is known to the cloud, so that any machine can go back to it. A fleet without instances proves nothing. */
async function markVerified({ cloud, before, roster, release, version }: Rollout): Promise<void> {
  const { desired } = await roster.look();
  const verified = { [TAG.verifiedRelease]: release, [TAG.verifiedVersion]: String(version) };
  const tags = { [TAG.release]: release, ...(desired > 0 && verified) };
  await cloud.groups.setTags(before.group.name, tags, { propagate: false });
}
