import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { findColours, otherColour } from '../../fleet/colours.ts';
import { Roster } from '../../fleet/roster.ts';
import { fleetConfig, releaseOfVersion } from '../../fleet/settings.ts';
import { withHooks } from '../../hooks/hooks.ts';
import { findRelease } from '../../image/releases.ts';
import { count } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { hasSmokeTests, readBaseline } from '../../smoke/run.ts';
import { bringVersion } from '../bring-version.ts';
import { resumeLeftovers } from '../hold.ts';
import { hooksAround } from '../hooks-around.ts';
import { preflight } from '../preflight.ts';
import { type RollingOptions, type RolloutResult, rolling } from '../rolling.ts';
import type { Change } from './context.ts';
import { checkColours } from './preflight.ts';
import { tellResult } from './result.ts';
import { routeOf } from './route.ts';
import { seeOut, seeThrough } from './see-through.ts';

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
  const { change, hooks, image } = await run.step(
    'rollout.preflight',
    'Checking that the rollout can go',
    async (step) => {
      const prepared = await prepare(run, cloud, project, options);
      const { release, template } = prepared.change;
      step.summary = `release ${release} as launch template version ${template.version}`;
      return prepared;
    },
  );
  // Nothing to bring: stragglers are replaced and the fleet is verified where it is.
  if (change.template.version === change.previous.version)
    return rolling(run, cloud, project, { ...options, detach: false });
  const { release } = change;
  run.fact('bringing', { strategy: 'blue-green', release, imageId: image.imageId, commit: image.gitCommit });
  await withHooks(run, project, hooks, async () => {
    await begin(change);
    await seeThrough(change, 'clearing', options.onInterrupt);
  });
  await seeOut(change);
  return tellResult(change, startedAt);
}

/** From here on the fleet's record tells whoever comes after what was begun. */
async function begin({
  run,
  lock,
  release,
  template,
  previous,
  from,
  to,
  before,
  imageId,
}: Change): Promise<void> {
  await lock.note({
    strategy: 'blue-green',
    kind: 'rollout',
    release,
    imageId,
    version: template.version,
    previousVersion: previous.version,
    front: from,
    back: to,
    phase: 'clearing',
    // Of an earlier rollout, where the lock was forced.
    refresh: undefined,
    passed: undefined,
    frozen: undefined,
    sizes: undefined,
    reason: undefined,
  });
  const { desired } = before;
  run.note(
    `${count(desired, 'instance')} beside the ${desired} of ${from}: ${2 * desired} until the old colour is retired; the account's limits and the subnets must have room`,
  );
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
  const baseline = await readBaseline(cloud, project.config.smoke, group);
  for (const warning of [...before.warnings, ...warnings]) run.warn(warning);
  if (!hasSmokeTests(project.config.smoke))
    run.warn('bake.yaml names no smoke test: only the health of the instances is watched');
  const version = await bringVersion(run, cloud, project, image, before);
  const release = image.release ?? image.imageId;
  const roster = new Roster(cloud, to, group.name);
  const change: Change = {
    run: run.part({ signal: AbortSignal.any([run.signal, lock.lost]) }),
    cloud,
    project,
    config: project.config.rollout,
    lock,
    kind: 'rollout',
    care: { gates: true, steps: true, healthy: 'all' },
    from: group.name,
    to,
    before: group,
    template: { id: before.template.id, version },
    release,
    imageId: image.imageId,
    previous: { release: releaseOfVersion(previous), version: previous.version },
    route,
    roster,
    baseline,
    since: run.clock.now(),
  };
  const hooks = hooksAround({ before, image, version }, 'blue-green', to);
  return { change, hooks, image };
}
