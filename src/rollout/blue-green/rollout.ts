import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { findColours, otherColour } from '../../fleet/colours.ts';
import { Roster } from '../../fleet/roster.ts';
import { fleetConfig, releaseOfVersion } from '../../fleet/settings.ts';
import { withHooks } from '../../hooks/hooks.ts';
import { findRelease } from '../../image/releases.ts';
import { usageError } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { hasSmokeTests, readBaseline } from '../../smoke/run.ts';
import { bringVersion } from '../bring-version.ts';
import { resumeLeftovers } from '../hold.ts';
import { hooksAround } from '../hooks-around.ts';
import { notAt, preflight } from '../preflight.ts';
import type { RollingOptions, RolloutResult } from '../rolling.ts';
import type { Change } from './context.ts';
import { checkColours } from './preflight.ts';
import { tellResult } from './result.ts';
import { routeOf } from './route.ts';
import { seeThrough } from './see-through.ts';

/**
 * Brings a release to the fleet by a second group beside the first: a copy of it, as large as it is now, tested while the first one serves;
 * then traffic moves, and the first one is kept at hand for the hold window. Whatever fails goes back. Throws a `BakeError` with exit
 * code 1 when the release did not make it, 130 when interrupted, 2 when nothing was begun because something has to be put right first.
 */
export async function blueGreen(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: Omit<RollingOptions, 'detach'>,
): Promise<RolloutResult> {
  const startedAt = run.clock.now();
  const { change, hooks, nothing } = await run.step(
    'rollout.preflight',
    'Checking that the rollout can go',
    async (step) => {
      const prepared = await prepare(run, cloud, project, options);
      const { release, template } = prepared.change;
      step.summary = `release ${release} as launch template version ${template.version}`;
      return prepared;
    },
  );
  if (nothing) return tellResult(change, { replaced: 0, startedAt });
  await withHooks(run, project, hooks, () => seeThrough(change, 'clearing', options.onInterrupt));
  return tellResult(change, { startedAt });
}

/** Everything that can be checked is checked before the launch template version, the first thing made here, is made. */
async function prepare(
  run: Run,
  cloud: Cloud,
  project: Project,
  { lock, release: wanted, imageId }: Omit<RollingOptions, 'detach'>,
) {
  await resumeLeftovers(run, cloud, lock);
  const before = await preflight(cloud, project);
  const { group, previous } = before;
  const to = otherColour(fleetConfig(project).name, group.name);
  const back = (await findColours(cloud, project))?.back;
  const route = await routeOf(cloud, project, group, { name: to, group: back });
  const warnings = await checkColours(run, cloud, project, { front: group, back, route });
  const image = await findRelease(cloud, project, { release: wanted, imageId });
  const baseline = await readBaseline(cloud, project.config.smoke);
  for (const warning of [...before.warnings, ...warnings]) run.warn(warning);
  if (!hasSmokeTests(project.config.smoke))
    run.warn('bake.yaml names no smoke test: only the health of the instances is watched');
  const version = await bringVersion(run, cloud, project, image, before);
  const nothing = version === previous.version;
  if (nothing) refuseStragglers(notAt(group, version), image.release ?? image.imageId);
  const release = image.release ?? image.imageId;
  const roster = new Roster(cloud, ...((nothing ? [group.name] : [to, group.name]) as [string])).tell(run);
  await lock.note({
    strategy: 'blue-green',
    kind: 'rollout',
    release,
    imageId: image.imageId,
    version,
    previousVersion: previous.version,
    front: group.name,
    back: nothing ? undefined : to,
    phase: nothing ? undefined : 'clearing',
    // Of an earlier rollout, where the lock was forced.
    refresh: undefined,
    passed: undefined,
    frozen: undefined,
    sizes: undefined,
    reason: undefined,
  });
  run.note(
    `${count(group.desired, 'instance')} beside the ${group.desired} of ${group.name}: ${2 * group.desired} until the old colour is retired; the account's limits and the subnets must have room`,
  );
  const change: Change = {
    run: run.part({ signal: AbortSignal.any([run.signal, lock.lost]) }),
    cloud,
    project,
    config: project.config.rollout,
    lock,
    kind: 'rollout',
    care: { gates: true, steps: true, healthy: 'all' },
    from: group.name,
    to: nothing ? group.name : to,
    before: group,
    template: { id: before.template.id, version },
    release,
    previous: { release: releaseOfVersion(previous), version: previous.version },
    route,
    roster,
    baseline,
    since: run.clock.now(),
  };
  const hooks = await hooksAround({ before, roster, image, version }, 'blue-green');
  return { change, hooks, nothing };
}

function refuseStragglers(stragglers: number, release: string): void {
  if (stragglers === 0) return;
  throw usageError(
    `release ${release} is what the fleet launches already, but for ${count(stragglers, 'straggler')}`,
    '`bake rollout --strategy rolling` replaces them.',
  );
}
