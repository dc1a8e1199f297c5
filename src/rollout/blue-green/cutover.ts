import type { Cloud, ScalingGroup } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { colourOf, requireColours } from '../../fleet/colours.ts';
import { refuseOthers } from '../../fleet/ownership.ts';
import { Roster } from '../../fleet/roster.ts';
import { fleetConfig, releaseOfVersion } from '../../fleet/settings.ts';
import { tellingCloud } from '../../fleet/sightings.ts';
import { inService } from '../../fleet/wait.ts';
import { BakeError, messageOf, usageError } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import { readBaseline } from '../../smoke/run.ts';
import { hasEnded } from '../../upkeep/refresh-state.ts';
import type { Chooser } from '../interruption.ts';
import { lockFleet, readLock, refuseLocked } from '../lock.ts';
import { type FleetLock, isHalfDone } from '../record.ts';
import { type Care, type Change, lookAt } from './context.ts';
import { forward } from './forward.ts';
import { type Phase, placeOf } from './phases.ts';
import { changeOf } from './resume.ts';
import { routeOf } from './route.ts';
import { seeThrough } from './see-through.ts';
import { lostLock, undo } from './undo.ts';

/**
 * How careful a cutover is. `planned`: health, smoke tests, traffic step by step. `swift`, for the way back to a release that has
 * proved itself: health only. `emergency`: nothing but one healthy instance, for the colour in front is worse; `forced`: not even that.
 */
export type CutoverMode = 'planned' | 'swift' | 'emergency' | 'forced';

const CARE: Record<CutoverMode, Care> = {
  planned: { gates: true, steps: true, healthy: 'all' },
  swift: { gates: false, steps: false, healthy: 'all' },
  emergency: { gates: false, steps: false, healthy: 1 },
  forced: { gates: false, steps: false, healthy: 0 },
};

/** Which colour is in front after a cutover. */
export interface CutoverResult {
  /** The group in front now, and what it runs. */
  group: string;
  release: string;
  version: number;
  /** Wanted, and in service so far. */
  instances: number;
  ready: number;
  /** The one that was in front, which is kept. */
  previousGroup: string;
  previousRelease?: string;
  /** Milliseconds. */
  duration: number;
}

/**
 * Puts the other colour in front, which has to exist; the one that was in front stays at hand, frozen, for the hold window. The fleet must be
 * locked by the caller, who lets go of the lock; where something is half done in the end, it is left here. A cutover that a dead run
 * left (`lock` was taken over) is gone on with. Never makes a serving group smaller.
 */
export async function cutOverTo(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: { lock: FleetLock; mode: CutoverMode; onInterrupt?: Chooser },
): Promise<CutoverResult> {
  const { lock, mode, onInterrupt = () => 'rollback' } = options;
  const startedAt = run.clock.now();
  const { change, phase } = await run.step('cutover.preflight', 'Looking at both colours', async (step) => {
    const prepared = (await goOn(run, cloud, project, lock, CARE[mode])) ?? {
      change: await prepare(run, cloud, project, lock, CARE[mode]),
      phase: 'freezing' as const,
    };
    const { from, to, release } = prepared.change;
    step.summary = `from ${from} to ${to}, release ${release}`;
    return prepared;
  });
  run.fact('bringing', { strategy: 'blue-green', release: change.release, imageId: change.imageId });
  if (mode === 'planned' || mode === 'swift') await seeThrough(change, phase, onInterrupt);
  else await hurry(change, phase);
  await lock.release();
  const { to } = await lookAt(change);
  const result: CutoverResult = {
    group: change.to,
    release: change.release,
    version: change.template.version,
    instances: to?.desired ?? 0,
    ready: to ? inService(to).length : 0,
    previousGroup: change.from,
    previousRelease: change.previous.release,
    duration: run.clock.now() - startedAt,
  };
  run.fact('cutover', result);
  return result;
}

async function prepare(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
  care: Care,
): Promise<Change> {
  const { front, back } = await requireColours(cloud, project);
  if (!back) throw noOther(front);
  for (const { name, tags } of [front, back]) refuseOthers(`scaling group ${name}`, tags, project);
  await refuseRefreshing(cloud, [front, back]);
  const version = numberOf(back);
  const previousVersion = numberOf(front);
  const route = await routeOf(cloud, project, front, { name: back.name, group: back });
  const [brings, runs] = await Promise.all(
    [version, previousVersion].map((each) => cloud.templates.findVersion(back.template.id, each)),
  );
  const release = (brings && releaseOfVersion(brings)) ?? `version ${version}`;
  const baseline = await readBaseline(cloud, project.config.smoke, front);
  await lock.note({
    strategy: 'blue-green',
    kind: 'cutover',
    release,
    imageId: brings?.settings.imageId,
    version,
    previousVersion,
    front: front.name,
    back: back.name,
    phase: 'freezing',
    refresh: undefined,
    passed: undefined,
    frozen: undefined,
    sizes: undefined,
    reason: undefined,
  });
  return {
    run: run.part({ signal: AbortSignal.any([run.signal, lock.lost]) }),
    cloud,
    project,
    config: project.config.rollout,
    lock,
    kind: 'cutover',
    care,
    from: front.name,
    to: back.name,
    before: front,
    template: { id: back.template.id, version },
    release,
    imageId: brings?.settings.imageId,
    previous: { release: runs && releaseOfVersion(runs), version: previousVersion },
    route,
    roster: new Roster(cloud, back.name, front.name),
    baseline,
    since: run.clock.now(),
  };
}

/**
 * A cutover that was cut short, in the direction in which it was begun, whoever is in front by now. One that was being taken back is
 * first taken back; then it is as if it had not been.
 */
async function goOn(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
  care: Care,
): Promise<{ change: Change; phase: Phase } | undefined> {
  if (lock.record.kind !== 'cutover' || lock.record.phase === undefined) return undefined;
  const change = await changeOf(run, cloud, project, lock, care);
  const place = placeOf(lock.record.phase);
  if ('forward' in place) return { change, phase: place.forward };
  await undo(change);
  return undefined;
}

/** In an emergency nothing is undone: what it comes from is worse. What failed half way is gone on with by the same command. */
async function hurry(change: Change, from: Phase): Promise<void> {
  const { lock, to, run } = change;
  try {
    await forward(change, from, 'handing-over');
  } catch (error) {
    if (lock.lost.aborted) throw lostLock(change);
    await lock.leave();
    throw new BakeError(
      `the emergency cutover to ${to} ${run.signal.aborted ? 'was interrupted' : 'stopped'} half way (${lock.record.phase}): ${messageOf(error)}`,
      {
        exitCode: run.signal.aborted ? 130 : 1,
        cause: error,
        hint: '`bake cutover --emergency` goes on with it (--force: without a healthy instance); `bake rollout --abort` takes it back.',
      },
    );
  }
}

const noOther = ({ name }: ScalingGroup) =>
  usageError(
    `${name} is the fleet's only group: there is no other colour to cut over to`,
    '`bake rollback` goes back to the last verified release by an instance refresh.',
  );

async function refuseRefreshing(cloud: Cloud, groups: ScalingGroup[]): Promise<void> {
  for (const { name } of groups) {
    const active = (await cloud.refreshes.list(name)).find(({ state }) => !hasEnded(state));
    if (active)
      throw new BakeError(
        `instance refresh ${active.id} of ${name} is ${active.state}: a cutover would cross it`,
        {
          hint: 'Wait for its end, or `bake rollback` first.',
        },
      );
  }
}

function numberOf({ name, template }: ScalingGroup): number {
  if (typeof template.version === 'number') return template.version;
  throw usageError(
    `scaling group ${name} points at version ${template.version} of its launch template, so it cannot be said what it brings`,
    'Set it to a number first.',
  );
}

/** `bake cutover`: makes the fleet this run's alone first. A cutover that was cut short is gone on with; nothing else may be half done. */
export async function cutOver(
  run: Run,
  given: Cloud,
  project: Project,
  options: {
    mode: CutoverMode;
    forceUnlock?: boolean;
    onInterrupt?: Chooser;
    /** Told what is to be in front, before anything is changed; throws when it is not to be done. */
    confirm?: (plan: string, colour: string) => Promise<void>;
  },
): Promise<CutoverResult> {
  const cloud = tellingCloud(run, given, project);
  const { mode, forceUnlock = false, onInterrupt, confirm } = options;
  const halfDone = await readLock(cloud, project);
  if (!forceUnlock) await refuseLocked(run, cloud, project);
  const begun = halfDone?.kind === 'cutover' ? halfDone : undefined;
  const { front, back } = await requireColours(cloud, project);
  const to = begun?.back ?? back?.name;
  if (to === undefined) throw noOther(front);
  await confirm?.(
    `put ${to} in front, in place of ${begun?.front ?? front.name}`,
    colourOf(fleetConfig(project).name, to),
  );
  const takeOver = forceUnlock ? 'force' : begun ? 'resume' : undefined;
  const lock = await lockFleet(run, cloud, project, { command: 'cutover', takeOver });
  try {
    return await cutOverTo(run, cloud, project, { lock, mode, onInterrupt });
  } finally {
    await (isHalfDone(lock.record) ? lock.leave() : lock.release());
  }
}
