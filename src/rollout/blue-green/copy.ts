import type { CopiedGroup, ScalingGroup, Tags } from '../../clouds/cloud.ts';
import { ownerOf } from '../../fleet/ownership.ts';
import { BakeError } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import { ownTags, TAG } from '../../run/tags.ts';
import { bothGroups, type Change, lookAt } from './context.ts';
import { freeze, frozenOf, noteInRecord, OF_A_COPY } from './freeze.ts';
import { entrances } from './route.ts';

/** Differences that are named; more say no more. */
const MOST_DIFFERENCES = 8;

/**
 * Makes the new colour: a copy of the old one in every setting, empty, at the new launch template version, with what scales it
 * suspended; read back and compared. An empty group of another maker is taken as it is and only pointed at the version. Idempotent.
 */
export async function copyColour(change: Change): Promise<string> {
  const { cloud, run, project, lock } = change;
  const { from, to } = await lookAt(change);
  if (!from) throw new BakeError(`scaling group ${change.from} does not exist any more`);
  if (from.tags[TAG.colour] !== 'front')
    await cloud.groups.setTags(from.name, { [TAG.colour]: 'front' }, { propagate: false });
  if (to && ownerOf(to.tags, project) === 'foreign') return renew(change, to);
  // What somebody else suspended on the original stays suspended on the copy.
  const thawable = OF_A_COPY.filter((process) => !from.suspendedProcesses.includes(process));
  await noteInRecord(lock, change.to, thawable);
  const copied = copyOf(change, { [TAG.colour]: 'back', [TAG.suspended]: thawable.join(' ') });
  if (!to) run.journal.write({ entry: 'intend', kind: 'scaling group', name: change.to });
  await cloud.copies.copy(change.from, copied);
  run.journal.write({ entry: 'made', kind: 'scaling group', name: change.to, id: change.to });
  const differences = await cloud.copies.differences(change.from, copied);
  if (differences.length > 0) {
    throw new BakeError(
      `scaling group ${change.to} did not become like ${change.from}: ${differences[0]}${differences.length > 1 ? ` (and ${count(differences.length - 1, 'other difference')})` : ''}`,
      { details: differences.slice(0, MOST_DIFFERENCES) },
    );
  }
  await enter(change);
  return `a copy of ${change.from}, empty, at launch template version ${change.template.version}`;
}

/** What the copy is to be. */
function copyOf({ to, template, project, lock, route }: Change, groupOnlyTags: Tags): CopiedGroup {
  const instead = route.kind === 'weights' ? route.pairs.map((pair) => [pair.from.arn, pair.to.arn]) : [];
  return {
    name: to,
    template,
    tags: ownTags(project, lock.record.run),
    groupOnlyTags,
    traffic: false,
    targetGroups: Object.fromEntries(instead),
  };
}

/** Policies that count the requests of a target group can only be made now that the copy is in it. What scales it stays suspended. */
export async function completeCopy(change: Change, to: ScalingGroup): Promise<void> {
  const { cloud, kind, route, project } = change;
  if (kind !== 'rollout' || route.kind === 'queue' || ownerOf(to.tags, project) !== 'own') return;
  const suspended = frozenOf(to).join(' ');
  await cloud.copies.copy(change.from, copyOf(change, { [TAG.colour]: 'front', [TAG.suspended]: suspended }));
}

/** Another maker's second group keeps its shape: it gets the version, and what scales it is held until it is in front. */
async function renew(change: Change, to: ScalingGroup): Promise<string> {
  const { cloud, run, template, route } = change;
  await cloud.groups.setTags(to.name, { [TAG.colour]: 'back' }, { propagate: false });
  await freeze(change, to);
  if (to.template.version !== template.version) await cloud.groups.update(to.name, { template });
  if (route.kind === 'target-group')
    await cloud.traffic.detach(
      to.name,
      route.targetGroups.map(({ arn }) => arn).filter((arn) => to.targetGroups.includes(arn)),
    );
  const copied = { name: to.name, template, tags: {}, traffic: false };
  const differences = await cloud.copies.differences(change.from, copied);
  for (const difference of differences.slice(0, MOST_DIFFERENCES))
    run.warn(`${to.name} is not bake's and not like ${change.from}: ${difference}`);
  await enter(change);
  return `${to.name} as it is, at launch template version ${template.version}`;
}

/** With weights each colour stands in target groups of its own from the beginning: no request comes before they have a weight. */
async function enter(change: Change): Promise<void> {
  if (change.route.kind !== 'weights') return;
  const { to } = await bothGroups(change);
  const missing = entrances(change.route).filter((arn) => !to.targetGroups.includes(arn));
  if (missing.length > 0) await change.cloud.traffic.attach(to.name, missing);
}
