import type { Tags } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import { TAG } from '../run/tags.ts';

/** CloudFormation's own tag on everything that it makes. */
const STACK = 'aws:cloudformation:stack-name';

/** Whose something is, by its tags: this project's and environment's own, another's, or nobody's that bake knows. */
export function ownerOf(tags: Tags, project: Project): 'own' | 'foreign' | { other: string } {
  const owner = tags[TAG.project];
  // What a stack owns is the stack's, whatever its tags say besides.
  if (owner === undefined || tags[STACK] !== undefined) return 'foreign';
  const environment = tags[TAG.environment] ?? project.environment;
  if (owner === project.config.project && environment === project.environment) return 'own';
  return { other: `project ${owner}, environment ${environment}` };
}

/** Refuses (exit code 2) to reshape what bake did not create for this project and environment. */
export function requireOwn(what: string, tags: Tags, project: Project): void {
  const owner = ownerOf(tags, project);
  if (owner === 'own') return;
  if (owner !== 'foreign') refuseOther(what, owner.other);
  const stack = tags[STACK];
  const because =
    stack === undefined ? `it has no tag ${TAG.project}` : `it is of CloudFormation stack ${stack}`;
  throw usageError(
    `${what} was not made by bake (${because}), so bake leaves its shape alone`,
    '`bake rollout` works with it as it is: it only adds a launch template version and refreshes the group. For a fleet of bake’s own choose another fleet.name.',
  );
}

/** Refuses (exit code 2) to touch what belongs to another project or environment; what nobody marked may be rolled out to. */
export function refuseOthers(what: string, tags: Tags, project: Project): void {
  const owner = ownerOf(tags, project);
  if (typeof owner === 'object') refuseOther(what, owner.other);
}

function refuseOther(what: string, owner: string): never {
  throw usageError(
    `${what} belongs to ${owner}`,
    'Give this fleet a name of its own (fleet.name), for example one per environment.',
  );
}
