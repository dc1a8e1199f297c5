import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { requireColours } from '../fleet/colours.ts';
import { refuseOthers } from '../fleet/ownership.ts';
import { Roster } from '../fleet/roster.ts';
import { tellingCloud } from '../fleet/sightings.ts';
import { verifiedTags } from '../fleet/verified.ts';
import { BakeError, Interrupted, messageOf } from '../run/errors.ts';
import type { Run, Step } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import type { WayBack } from './context.ts';
import type { PastRelease } from './history.ts';
import { Hold, resumeLeftovers } from './hold.ts';
import { type LastRun, lockFleet, readLastRun, refuseLocked } from './lock.ts';
import type { FleetLock } from './record.ts';
import { rollBack, watchToEnd } from './rollback.ts';
import { takeOtherColour, undoColours } from './rollback-colours.ts';
import { chooseTarget, nameOf } from './rollback-target.ts';
import { fastestWay, type Way } from './rollback-ways.ts';
import { planSentence, wayWords } from './rollback-words.ts';
import { type Found, findSetback } from './setback.ts';
import { verifyFleet } from './verify.ts';

export interface RollbackOptions {
  /** Release, or number of a launch template version. Default: the last verified one that is not what is to be left. */
  to?: string;
  /** Whoever holds the fleet's lock loses it. */
  forceUnlock?: boolean;
  /** Told what will be done, before it is; throws when it is not to be done. */
  confirm?: (plan: string) => Promise<void>;
}

/** What the fleet runs after a way back. */
export interface RollbackResult {
  group: string;
  release?: string;
  /** Launch template version that the fleet runs now. */
  version: number;
  /** What it launched before. */
  previousVersion?: number;
  previousRelease?: string;
  /** The steps that it took; empty when the fleet was there already. */
  ways: Way['by'][];
  instances: number;
  /** Milliseconds. */
  duration: number;
}

/** A way back has at most: a change of colours undone, a refresh cancelled, and the step that does it; and once more for what came between. */
const MOST_STEPS = 6;

/**
 * `bake rollback`: brings the fleet back to a release by the fastest way that exists, one step at a time, looking again after each. Knows
 * everything from the cloud, so that any machine can do it, and go on with it when the first one has died. Ends when every
 * instance is verified, what was suspended is resumed and the lock is let go. Once begun it is not interrupted.
 */
export async function rollBackFleet(
  run: Run,
  given: Cloud,
  project: Project,
  options: RollbackOptions,
): Promise<RollbackResult> {
  const cloud = tellingCloud(run, given, project);
  const { to, forceUnlock = false, confirm } = options;
  const startedAt = run.clock.now();
  if (!forceUnlock) await refuseLocked(run, cloud, project);
  const { target, plan, there } = await run.step(
    'rollback.plan',
    'Looking for the way back',
    async (step) => {
      const last = await readLastRun(cloud, project);
      const found = await findSetback(cloud, project, last);
      refuseUnable(found.setback.history.colours.front, project, last);
      const target = chooseTarget(found.setback, to);
      const way = fastestWay(found.situationFor(target.version));
      step.summary = nameOf(target);
      return { target, plan: planSentence(found, target, way), there: way.by === 'nothing' };
    },
  );
  run.note(plan);
  if (!there) await confirm?.(plan);
  if (run.signal.aborted) throw new Interrupted();
  const { release = nameOf(target), imageId, gitCommit: commit } = target;
  if (!there) run.fact('bringing', { release, imageId, commit });
  const takeOver = forceUnlock ? 'force' : 'resume';
  const returning = target.version;
  const lock = await lockFleet(run, cloud, project, { command: 'rollback', takeOver, returning });
  try {
    const result = await bringBack(run, cloud, project, { lock, target, startedAt });
    await lock.release();
    run.fact('rollback', result);
    return result;
  } catch (error) {
    throw lock.lost.aborted ? lostLock(lock, target) : stuck(error, target);
  } finally {
    await lock.leave();
  }
}

/** Processes without which nothing is replaced (AWS: SuspendProcesses). What a rollout of ours has suspended is resumed on the way. */
const NEEDED = ['InstanceRefresh', 'Launch', 'Terminate'];

function refuseUnable(group: ScalingGroup, project: Project, last: LastRun | undefined): void {
  refuseOthers(`scaling group ${group.name}`, group.tags, project);
  const ours = (last?.record.suspended ?? []).filter((each) => each.group === group.name);
  const known = ours.flatMap(({ processes }) => processes);
  const missing = group.suspendedProcesses.filter((one) => NEEDED.includes(one) && !known.includes(one));
  if (missing.length === 0) return;
  throw new BakeError(
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} suspended on scaling group ${group.name}: nothing would be replaced`,
    {
      hint: `Someone suspended it. Resume it first: aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes ${missing.join(' ')}`,
    },
  );
}

interface Bringing {
  lock: FleetLock;
  target: PastRelease;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

async function bringBack(
  run: Run,
  cloud: Cloud,
  project: Project,
  { lock, target, startedAt }: Bringing,
): Promise<RollbackResult> {
  const ways: Way['by'][] = [];
  const before = await findSetback(cloud, project, { record: lock.record, over: false });
  const { current, releases, colours } = before.setback.history;
  let found = before;
  for (;;) {
    const way = fastestWay(found.situationFor(target.version));
    if (way.by === 'nothing') break;
    if (ways.length === MOST_STEPS)
      throw new BakeError(`the fleet does not come to rest: ${ways.join(', ')}, and now ${way.by}`);
    ways.push(way.by);
    await run.step(`rollback.${way.by}`, wayWords(found, target, way), (step) =>
      takeStep(run, cloud, project, { lock, target, found, way, step }),
    );
    if (lock.lost.aborted) throw lock.lost.reason;
    found = await findSetback(cloud, project, { record: lock.record, over: false });
  }
  const back = await wayBackTo(run, cloud, project, lock, target);
  const group = await run.step('rollback.verify', 'Verifying what every instance runs', (step) =>
    verifyFleet(run, cloud, back.roster, { version: target.version, config: back.config, step }),
  );
  await resumeLeftovers(run, cloud, lock);
  await remember(cloud, group.name, colours.front.tags, target);
  return {
    group: group.name,
    release: target.release,
    version: target.version,
    previousVersion: current,
    previousRelease: releases.find(({ version }) => version === current)?.release,
    ways,
    instances: group.desired,
    duration: run.clock.now() - startedAt,
  };
}

async function takeStep(
  run: Run,
  cloud: Cloud,
  project: Project,
  now: { lock: FleetLock; target: PastRelease; found: Found; way: Way; step: Step },
): Promise<void> {
  const { lock, target, found, way, step } = now;
  if (way.by === 'undo') {
    step.summary = await undoColours(run, cloud, project, lock);
  } else if (way.by === 'cutover') {
    await takeOtherColour(run, cloud, project, lock);
  } else {
    const back = await wayBackTo(run, cloud, project, lock, target);
    if (way.by === 'cancel') await cancel(back, found, step);
    else await rollBack(back, found.refresh?.id, step);
  }
}

async function cancel(back: WayBack, { refresh }: Found, step: Step): Promise<void> {
  if (!refresh) return;
  await back.cloud.refreshes.cancel(back.before.group.name);
  await back.hold.letGo();
  step.summary = (await watchToEnd(back, refresh.id, step)).state;
}

/** What ROLLING's way back is given: the group in front as it is now, and the target where it keeps what ran before. */
async function wayBackTo(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
  target: PastRelease,
): Promise<WayBack> {
  const { front: group } = await requireColours(cloud, project);
  const [template, previous] = await Promise.all([
    cloud.templates.findByName(group.template.name),
    cloud.templates.findVersion(group.template.id, target.version),
  ]);
  if (!template || !previous)
    throw new BakeError(
      `${nameOf(target)} of launch template ${group.template.name} does not exist any more`,
    );
  return {
    run,
    cloud,
    config: project.config.rollout,
    before: { group, template, previous },
    roster: new Roster(cloud, group.name),
    lock,
    hold: new Hold({ cloud, lock, group: group.name }),
  };
}

/** What the group says of itself. A release that was not verified before is not by being gone back to. */
async function remember(
  cloud: Cloud,
  group: string,
  known: Record<string, string>,
  { release, version, imageId, verified }: PastRelease,
): Promise<void> {
  const name = release ?? imageId;
  const tags = { [TAG.release]: name, ...(verified && verifiedTags(known, { release: name, version })) };
  await cloud.groups.setTags(group, tags, { propagate: false });
}

const stuck = (error: unknown, target: PastRelease): BakeError =>
  new BakeError(`the way back to ${nameOf(target)} stopped: ${messageOf(error)}`, {
    cause: error,
    details: error instanceof BakeError ? error.details : [],
    hint: '`bake status` shows what runs where; `bake rollback` goes on from here.',
  });

/** Somebody else works on the fleet now: nothing more is done to it here. */
const lostLock = ({ lost }: FleetLock, target: PastRelease): BakeError =>
  new BakeError(`the way back to ${nameOf(target)} was given up where it was: ${messageOf(lost.reason)}`, {
    hint: '`bake status` shows what runs where, and who works on it.',
  });
