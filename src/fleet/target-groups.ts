import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import type { Change } from './change.ts';
import { colourOf } from './colours.ts';
import { fleetConfig } from './settings.ts';

interface Named {
  arn: string;
  name: string;
}

/**
 * The target groups that the configuration wants for a scaling group: those of `fleet.targetGroups`, and where traffic moves by
 * weights the group's own one of each pair. Exit code 2 for one that does not exist.
 */
export async function wantedTargetGroups(cloud: Cloud, project: Project, group: string): Promise<Named[]> {
  const { name, targetGroups } = fleetConfig(project);
  const { traffic, pairs } = project.config.rollout.blueGreen;
  const find = (given: string) => existing(cloud, given);
  const weighed = traffic === 'auto' || traffic === 'weights' ? pairs : [];
  const [shared, paired] = await Promise.all([
    Promise.all(targetGroups.map(find)),
    Promise.all(
      weighed.map(async ({ blue, green }) => ({ blue: await find(blue), green: await find(green) })),
    ),
  ]);
  const colour = colourOf(name, group);
  const ofPairs = paired.flatMap(({ blue, green }) => [blue.arn, green.arn]);
  const wanted = [
    ...shared.filter(({ arn }) => !ofPairs.includes(arn)),
    ...paired.map((pair) => pair[colour]),
  ];
  return [...new Map(wanted.map((each) => [each.arn, each])).values()];
}

async function existing(cloud: Cloud, given: string): Promise<Named> {
  const found = await cloud.traffic.find(given);
  if (found) return found;
  throw usageError(
    `target group ${given} does not exist in ${cloud.region}`,
    'Create it with its load balancer first; bake only puts instances into it.',
  );
}

/** What is missing is attached; what is attached besides is detached, but for a configuration that names none at all. */
export function targetGroupChanges(
  cloud: Cloud,
  group: ScalingGroup,
  want: Named[],
): {
  attach: Change[];
  detach: Change[];
} {
  const missing = want.filter(({ arn }) => !group.targetGroups.includes(arn));
  const spare = group.targetGroups.filter((arn) => want.length > 0 && !want.some((each) => each.arn === arn));
  return {
    attach: missing.map(({ arn, name }) => ({
      lines: [`target group ${name} attached`],
      make: () => cloud.traffic.attach(group.name, [arn]),
    })),
    detach: spare.map((arn) => ({
      lines: [`target group ${nameIn(arn)} detached`],
      make: () => cloud.traffic.detach(group.name, [arn]),
    })),
  };
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID` */
const nameIn = (arn: string): string => /:targetgroup\/([^/]+)\//.exec(arn)?.[1] ?? arn;
