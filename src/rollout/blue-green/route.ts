import type { Cloud, ScalingGroup, TargetGroup } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { colourOf } from '../../fleet/colours.ts';
import { fleetConfig } from '../../fleet/settings.ts';
import { usageError } from '../../run/errors.ts';

/** How work finds its way to a colour. */
export type Route =
  /** Both colours work from one queue: there is nothing to move. */
  | { kind: 'queue' }
  /** Both colours in the same target groups, one after the other. */
  | { kind: 'target-group'; targetGroups: TargetGroup[] }
  /** Each colour in target groups of its own; listeners and rules divide requests by weight. */
  | { kind: 'weights'; pairs: { from: TargetGroup; to: TargetGroup }[] };

/**
 * How traffic moves between two colours, as configured (`blueGreen.traffic`). Exit code 2 where that cannot be: a target group that does
 * not exist, no pairs for weights.
 */
export async function routeOf(
  cloud: Cloud,
  project: Project,
  from: ScalingGroup,
  to: { name: string; group?: ScalingGroup },
): Promise<Route> {
  const { traffic, pairs } = project.config.rollout.blueGreen;
  // A run that was cut short may have moved some of them already: together the two have all.
  const attached = [...new Set([...from.targetGroups, ...(to.group?.targetGroups ?? [])])];
  const kind =
    traffic !== 'auto'
      ? traffic
      : pairs.length > 0
        ? 'weights'
        : attached.length > 0
          ? 'target-group'
          : 'queue';
  if (kind === 'queue') return { kind };
  if (kind === 'target-group') {
    if (attached.length > 0)
      return { kind, targetGroups: await Promise.all(attached.map((arn) => existing(cloud, arn))) };
    throw usageError(
      `scaling group ${from.name} is in no target group, so no requests can be moved`,
      'Name them in fleet.targetGroups, or set rollout.blueGreen.traffic to queue.',
    );
  }
  if (pairs.length === 0)
    throw usageError(
      'rollout.blueGreen.traffic is weights, but rollout.blueGreen.pairs names no target groups',
      'Name the target group of each colour.',
    );
  const toGreen = colourOf(fleetConfig(project).name, to.name) === 'green';
  const found = await Promise.all(
    pairs.map(async ({ blue, green }) => ({
      blue: await existing(cloud, blue),
      green: await existing(cloud, green),
    })),
  );
  return {
    kind,
    pairs: found.map(({ blue, green }) => (toGreen ? { from: blue, to: green } : { from: green, to: blue })),
  };
}

async function existing(cloud: Cloud, nameOrArn: string): Promise<TargetGroup> {
  const found = await cloud.traffic.find(nameOrArn);
  if (found) return found;
  throw usageError(
    `target group ${nameOrArn} does not exist in ${cloud.region}`,
    'Put it right in bake.yaml (rollout.blueGreen.pairs, fleet.targetGroups).',
  );
}

/** ARNs of the target groups that the new colour has to be in before requests can reach it. */
export const entrances = (route: Route): string[] =>
  route.kind === 'queue'
    ? []
    : route.kind === 'weights'
      ? route.pairs.map(({ to }) => to.arn)
      : route.targetGroups.map(({ arn }) => arn);

/** The same route the other way. */
export const reversed = (route: Route): Route =>
  route.kind === 'weights'
    ? { kind: 'weights', pairs: route.pairs.map(({ from, to }) => ({ from: to, to: from })) }
    : route;
