import type { Cloud, InstanceRefresh, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { requireColours } from '../fleet/colours.ts';
import { ownerOf, refuseOthers } from '../fleet/ownership.ts';
import { Roster } from '../fleet/roster.ts';
import { releaseOfVersion } from '../fleet/settings.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import { resumeBaseline } from '../smoke/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import type { Rollout } from './context.ts';
import { Hold } from './hold.ts';
import type { FleetLock, RolloutRecord } from './record.ts';

/** Clocks of the cloud and of who wrote the record may differ by this much. Milliseconds. */
const SKEW = 60_000;

/** A rollout that another process began. */
export interface TakenUp {
  rollout: Rollout;
  /** The refresh that does the work, or did. */
  refresh: InstanceRefresh;
}

/** Which versions a rollout goes between, and by which refresh. */
interface Course {
  version: number;
  previousVersion: number;
  refresh: InstanceRefresh;
}

/**
 * Puts together all that a rolling rollout knows, from the fleet's record or, where that is lost, from the cloud's own account of the
 * refresh, and notes it as this process's own. Undefined where nothing was begun. Throws where the last refresh has ended and there is
 * nothing left to do about it. For `--resume`, and for whoever means to undo it.
 */
export async function takeUp(
  run: Run,
  cloud: Cloud,
  project: Project,
  lock: FleetLock,
): Promise<TakenUp | undefined> {
  const { front: group } = await requireColours(cloud, project);
  refuseOthers(`scaling group ${group.name}`, group.tags, project);
  const course = await courseOf(run, cloud, group, lock.record);
  if (!course) return undefined;
  const { version, previousVersion, refresh } = course;
  const template = await cloud.templates.findByName(group.template.name);
  const [brought, previous, hooks, baseline] = await Promise.all([
    template && cloud.templates.findVersion(template.id, version),
    template && cloud.templates.findVersion(template.id, previousVersion),
    cloud.lifecycleHooks.list(group.name),
    resumeBaseline(cloud, project.config.smoke, lock.record.since),
  ]);
  if (!template || !brought || !previous)
    throw new BakeError(
      `version ${brought ? previousVersion : version} of launch template ${group.template.name} does not exist any more`,
      { hint: '`bake status` shows what runs where; `bake rollout` brings a release that exists.' },
    );
  const { imageId } = brought.settings;
  const image = { imageId, release: releaseOfVersion(brought) };
  const release = image.release ?? imageId;
  const roster = new Roster(cloud, group.name);
  await roster.look();
  await lock.note({
    strategy: 'rolling',
    front: group.name,
    release,
    imageId,
    version,
    previousVersion,
    refresh: refresh.id,
  });
  const longestHook = Math.max(0, ...hooks.map(({ heartbeat }) => heartbeat));
  const own = ownerOf(template.tags, project) === 'own';
  const rollout: Rollout = {
    run,
    cloud,
    project,
    config: project.config.rollout,
    before: { group, template, previous, own, longestHook, warnings: [] },
    roster,
    lock,
    hold: new Hold({ cloud, lock, group: group.name }),
    baseline,
    image,
    release,
    version,
    since: Math.min(lock.record.since, refresh.startedAt ?? lock.record.since),
  };
  return { rollout, refresh };
}

async function courseOf(
  run: Run,
  cloud: Cloud,
  group: ScalingGroup,
  record: RolloutRecord,
): Promise<Course | undefined> {
  const refreshes = await cloud.refreshes.list(group.name);
  const { version, previousVersion, refresh: id, since } = record;
  if (version === undefined || previousVersion === undefined)
    return courseWithoutRecord(group, refreshes[0], run.clock.now());
  const began = ({ startedAt, templateVersion }: InstanceRefresh) =>
    templateVersion === version && (startedAt ?? 0) >= since - SKEW;
  // Its process may have died between beginning it and noting that it had.
  const refresh =
    id === undefined
      ? refreshes.find(began)
      : (refreshes.find((each) => each.id === id) ?? (await cloud.refreshes.find(group.name, id)));
  return refresh && { version, previousVersion, refresh };
}

/** What the newest refresh says by itself. */
function courseWithoutRecord(
  group: ScalingGroup,
  refresh: InstanceRefresh | undefined,
  now: number,
): Course | undefined {
  const version = refresh?.templateVersion;
  const { version: current } = group.template;
  if (!refresh || version === undefined || typeof current === 'string') return undefined;
  // The group points at what it ran before until the refresh has succeeded.
  if (!hasEnded(refresh.state)) return { version, previousVersion: current, refresh };
  const verified = group.tags[TAG.verifiedVersion];
  if (refresh.state === 'successful' && version === current && verified !== String(version)) {
    if (verified !== undefined) return { version, previousVersion: Number(verified), refresh };
    throw usageError(
      `the rollout to version ${version} has ended, and what ${group.name} ran before it is not known`,
      '`bake smoke` tests what runs now; `bake rollout --release` brings a release and marks it as verified.',
    );
  }
  const ago = refresh.endedAt === undefined ? '' : ` ${formatDuration(now - refresh.endedAt)} ago`;
  const why = refresh.rollback?.reason ?? refresh.reason;
  throw usageError(
    `there is no rollout to resume: the last one of ${group.name}, to version ${version}, ended ${refresh.state}${ago}${why ? `: ${why}` : ''}`,
    '`bake status` shows what runs where; `bake rollout` begins another.',
  );
}
