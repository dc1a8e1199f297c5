import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { findColours, otherColour } from '../../fleet/colours.ts';
import { fleetConfig, releaseOfVersion } from '../../fleet/settings.ts';
import { findVersion } from '../../fleet/versions.ts';
import { findRelease } from '../../image/releases.ts';
import { usageError } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import { secretValues } from '../../run/secret-names.ts';
import { plannedTests } from '../../smoke/planned.ts';
import { hasSmokeTests, readBaseline } from '../../smoke/run.ts';
import { checkColours } from '../blue-green/preflight.ts';
import { type Route, routeOf } from '../blue-green/route.ts';
import { settingsFor } from '../bring-version.ts';
import { LAUNCH, launchTime } from '../estimate.ts';
import { readLock } from '../lock.ts';
import { workWords } from '../lock-words.ts';
import { notAt, type Preflight, preflight } from '../preflight.ts';
import { blueGreenCapacity, rollingCapacity } from './capacity.ts';
import { blueGreenSteps, rollingSteps, together } from './duration.ts';
import type { RolloutPlan } from './plan.ts';
import { templateChanges } from './template.ts';

export interface PlanOptions {
  /** Default: that of the configuration. */
  strategy?: string;
  /** Default: the newest. */
  release?: string;
  imageId?: string;
}

/**
 * What `bake rollout` with the same options would do. Changes nothing; what would stop the rollout before it begins is thrown as it would
 * be then.
 */
export async function planRollout(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: PlanOptions,
): Promise<RolloutPlan> {
  const { rollout: config, smoke } = project.config;
  const { strategy = config.strategy, release, imageId } = options;
  if (strategy !== 'rolling' && strategy !== 'blue-green')
    throw usageError(`there is no strategy ${strategy}`, 'The strategies are: rolling, blue-green.');
  // What the user data may show without its name.
  for (const secret of secretValues(fleetConfig(project).variables)) run.redactor.add(secret);
  const before = await preflight(cloud, project);
  const image = await findRelease(cloud, project, { release, imageId });
  await readBaseline(cloud, smoke, before.group);
  const { group, template, previous } = before;
  const colours = strategy === 'blue-green' ? await readColours(run, cloud, project, before) : undefined;
  const settings = await settingsFor(cloud, project, image, before);
  const version = await findVersion(cloud, template.id, settings);
  const toReplace = notAt(group, version ?? 0);
  const tests = plannedTests(smoke);
  const times = {
    config,
    tests,
    launch: launchTime(await cloud.groups.activities(group.name, 50)) ?? LAUNCH,
    warmup: group.defaultWarmup ?? group.healthCheckGrace,
    longestHook: before.longestHook,
  };
  const fleet = { group, toReplace, launch: times.launch, warmup: times.warmup };
  const rolling = rollingCapacity(config, fleet);
  const changing = colours && blueGreenSteps(times, colours.route);
  const nothing = version === previous.version && toReplace === 0;
  return {
    strategy,
    group: group.name,
    newGroup: colours?.to,
    release: image.release,
    imageId: image.imageId,
    version,
    previous: { release: releaseOfVersion(previous), version: previous.version },
    nothing,
    template: templateChanges(previous.settings, settings),
    capacity: changing
      ? blueGreenCapacity(fleet, together(changing.steps.slice(0, changing.emptied)).least)
      : rolling,
    steps: changing?.steps ?? rollingSteps(times, rolling),
    tests,
    hooks: hooksOf(project, strategy),
    warnings: [
      ...before.warnings,
      ...(colours?.warnings ?? []),
      ...(hasSmokeTests(smoke)
        ? []
        : ['bake.yaml names no smoke test: only the health of the instances is watched']),
      ...(await lockWarning(cloud, project)),
    ],
    actions: nothing
      ? []
      : await cloud.permissions.forRollout({
          strategy,
          group: group.name,
          template: { id: template.id, version: previous.version },
          imageId: image.imageId,
          newVersion: version === undefined,
          instanceProfile: settings.instanceProfile !== undefined,
          holds: hasSmokeTests(smoke) && config.checkpoints.length > 0,
          route: colours?.route.kind,
          messages: smoke.sqs !== undefined,
          commands: usesCommands(project, strategy),
        }),
  };
}

async function readColours(
  run: Run,
  cloud: Cloud,
  project: Project,
  { group: front }: Preflight,
): Promise<{ to: string; route: Route; warnings: string[] }> {
  const to = otherColour(fleetConfig(project).name, front.name);
  const back = (await findColours(cloud, project))?.back;
  const route = await routeOf(cloud, project, front, { name: to, group: back });
  return { to, route, warnings: await checkColours(run, cloud, project, { front, back, route }) };
}

function hooksOf({ config: { hooks } }: Project, strategy: RolloutPlan['strategy']): RolloutPlan['hooks'] {
  const around = ['beforeRollout', 'beforeCutover', 'afterCutover', 'afterRollout'] as const;
  return around
    .filter((when) => strategy === 'blue-green' || !when.endsWith('Cutover'))
    .flatMap((when) => hooks[when].map(({ run }) => ({ when, run })));
}

function usesCommands({ config: { smoke, rollout } }: Project, strategy: RolloutPlan['strategy']): boolean {
  const { drainCommand } = rollout.blueGreen;
  return (
    smoke.commands.length > 0 ||
    smoke.http.some(({ through }) => through === 'instance') ||
    (strategy === 'blue-green' && drainCommand !== undefined)
  );
}

async function lockWarning(cloud: Cloud, project: Project): Promise<string[]> {
  const record = await readLock(cloud, project);
  return record ? [`the fleet is locked by ${record.owner}: ${workWords(record)}`] : [];
}
