import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';
import { fleetConfig } from './settings.ts';

/** A fleet is one scaling group or, around a blue-green rollout, two that share a launch template. */
export interface Colours {
  /** The group that does the work. */
  front: ScalingGroup;
  /** The other colour, where it exists: the one that is coming, or the one that is kept for the way back. */
  back?: ScalingGroup;
}

/** The two names that a fleet's groups may have, whichever is in front. Another maker may own either. */
export const colourNames = (fleet: string): [blue: string, green: string] => [fleet, `${fleet}-green`];

/** The name of the other colour. */
export const otherColour = (fleet: string, name: string): string => {
  const [blue, green] = colourNames(fleet);
  return name === blue ? green : blue;
};

export const colourOf = (fleet: string, name: string): 'blue' | 'green' =>
  name === colourNames(fleet)[0] ? 'blue' : 'green';

/**
 * The fleet's groups as they are now (one call), or undefined where there is none. The group in front carries the tag
 * `bake:colour=front`; where only one exists, it is that one.
 */
export async function findColours(cloud: Cloud, project: Project): Promise<Colours | undefined> {
  const { name } = fleetConfig(project);
  const found = await cloud.groups.findAll(colourNames(name));
  const groups = found.filter((group) => group.status === undefined);
  const front =
    groups.find((group) => group.tags[TAG.colour] === 'front') ??
    groups.find((group) => group.name === name && group.tags[TAG.colour] !== 'back') ??
    groups.find((group) => group.tags[TAG.colour] !== 'back') ??
    groups[0];
  return front && { front, back: groups.find((group) => group !== front) };
}

/** The same, or a sentence (exit code 2) where there is no group. */
export async function requireColours(cloud: Cloud, project: Project): Promise<Colours> {
  const colours = await findColours(cloud, project);
  if (colours) return colours;
  throw usageError(
    `scaling group ${fleetConfig(project).name} does not exist in ${cloud.region}`,
    'Create it first: `bake fleet apply`.',
  );
}
