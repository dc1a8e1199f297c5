import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { Roster } from '../../fleet/roster.ts';
import { releaseOfVersion } from '../../fleet/settings.ts';
import { withHooks } from '../../hooks/hooks.ts';
import { BakeError, usageError } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import { resumeBaseline } from '../../smoke/run.ts';
import type { Chooser } from '../interruption.ts';
import type { FleetLock } from '../record.ts';
import type { RolloutResult } from '../rolling.ts';
import { type Care, type Change, lookAt } from './context.ts';
import { hookFacts } from './hook-facts.ts';
import { isVerified, placeOf } from './phases.ts';
import { tellResult } from './result.ts';
import { routeOf } from './route.ts';
import { seeOut, seeThrough } from './see-through.ts';
import { undo, unstoppable } from './undo.ts';

const CAREFUL: Care = { gates: true, steps: true, healthy: 'all' };

/** A change of colours as the record of a run that is gone tells of it, and as the cloud is now. */
export async function changeOf(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
  care = CAREFUL,
): Promise<Change> {
  const { front, back, version, previousVersion, release, kind, since } = lock.record;
  if (!front || !back || version === undefined || previousVersion === undefined)
    throw usageError('no change of colours is under way', '`bake status` shows the fleet.');
  const { from, to } = await lookAt({ cloud, from: front, to: back });
  const there = from ?? to;
  if (!there) throw new BakeError(`neither ${front} nor ${back} exists any more`);
  const previous = await cloud.templates.findVersion(there.template.id, previousVersion);
  return {
    run: run.part({ signal: AbortSignal.any([run.signal, lock.lost]) }),
    cloud,
    project,
    config: project.config.rollout,
    lock,
    kind: kind ?? 'rollout',
    care,
    from: front,
    to: back,
    before: there,
    template: { id: there.template.id, version },
    release: release ?? `version ${version}`,
    imageId: lock.record.imageId,
    previous: { release: previous && releaseOfVersion(previous), version: previousVersion },
    route: await routeOf(cloud, project, there, { name: back, group: to }),
    roster: new Roster(cloud, back, front),
    baseline: await resumeBaseline(cloud, project.config.smoke, since),
    since,
  };
}

/** Goes on with a rollout that has lost its process, where it was; one that was being taken back is taken back. */
export async function resumeBlueGreen(
  run: Run,
  cloud: Cloud,
  project: Project,
  { lock, onInterrupt }: { lock: FleetLock; onInterrupt: Chooser },
): Promise<RolloutResult> {
  const startedAt = run.clock.now();
  const change = await changeOf(run, cloud, project, lock);
  const place = placeOf(lock.record.phase);
  if ('back' in place) {
    const words = await undo(change);
    await lock.release();
    throw new BakeError(`release ${change.release} was being taken back, and has been: ${words}`, {
      hint: '`bake status` shows what runs where.',
    });
  }
  run.note(`going on with release ${change.release}: ${place.forward}`);
  if (isVerified(place.forward)) await seeOut(change, place.forward);
  else {
    const hooks = { after: 'afterRollout', facts: hookFacts(change) } as const;
    await withHooks(run, project, hooks, () => seeThrough(change, place.forward, onInterrupt));
    await seeOut(change);
  }
  return tellResult(change, startedAt);
}

/**
 * Takes back a change of colours that has lost its process, from wherever it was. `back` is false where that is not possible any more,
 * because the old colour is gone: then the new one is in front, and the change is over.
 */
export async function abortBlueGreen(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
): Promise<{ back: boolean; words: string }> {
  const change = unstoppable(await changeOf(run, cloud, project, lock));
  const { from } = await lookAt(change);
  const words = from
    ? await undo(change)
    : `release ${change.release} is in front on ${change.to}: ${change.from} is gone already`;
  await lock.release();
  return { back: from !== undefined, words };
}
