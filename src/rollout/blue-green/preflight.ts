import type { Cloud, ScalingGroup } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { ownerOf, refuseOthers } from '../../fleet/ownership.ts';
import { inService } from '../../fleet/wait.ts';
import { BakeError, usageError } from '../../run/errors.ts';
import { formatDuration } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { TAG } from '../../run/tags.ts';
import type { Route } from './route.ts';
import { forwardingsOf, percentOf } from './weights.ts';

/**
 * What blue-green asks for beyond any rollout: a front that is healthy, and a back that is not there, empty, or past its hold window.
 * Returns what deserves a word. Changes nothing.
 */
export async function checkColours(
  run: Run,
  cloud: Cloud,
  project: Project,
  { front, back, route }: { front: ScalingGroup; back?: ScalingGroup; route: Route },
): Promise<string[]> {
  const ready = inService(front).length;
  if (ready < front.desired)
    throw new BakeError(
      `${ready} of ${front.desired} instances of ${front.name} are healthy: there is no sound colour to begin from, or to go back to`,
      {
        hint: '`bake diagnose` says what is wrong; `bake rollout --strategy rolling` replaces instances one by one.',
      },
    );
  await checkRoute(cloud, front, route);
  if (back) {
    checkBack(run, project, back);
    await refuseServing(cloud, front, back, route);
  }
  const { drainCommand, hold } = project.config.rollout.blueGreen;
  if (route.kind === 'queue' && drainCommand === undefined && hold > 0)
    return [
      'bake.yaml names no drainCommand: after the switch the old colour is emptied, so that it does not go on receiving, and only its empty group is kept for the way back',
    ];
  return [];
}

async function checkRoute(cloud: Cloud, front: ScalingGroup, route: Route): Promise<void> {
  if (route.kind === 'queue') return;
  if (front.suspendedProcesses.includes('AddToLoadBalancer'))
    throw new BakeError(
      `AddToLoadBalancer is suspended on scaling group ${front.name}: new instances would never get a request`,
      { hint: 'Resume it and try again.' },
    );
  if (route.kind === 'weights' && (await forwardingsOf(cloud, route.pairs)).length === 0)
    throw usageError(
      'no listener and no rule sends requests to the target groups of rollout.blueGreen.pairs',
      'Name the target groups that the load balancer uses.',
    );
}

/** A run that was forced to give up may have left the requests with the back group: they must not lose it. */
export async function refuseServing(
  cloud: Cloud,
  front: ScalingGroup,
  back: ScalingGroup,
  route: Route,
): Promise<void> {
  const served =
    route.kind === 'target-group'
      ? back.desired > 0 && back.targetGroups.some((arn) => !front.targetGroups.includes(arn))
      : route.kind === 'weights' && percentOf(await forwardingsOf(cloud, route.pairs), route.pairs) > 0;
  if (!served) return;
  throw new BakeError(`${back.name} is at the back, and gets requests: somebody left a change half done`, {
    hint: '`bake cutover` brings it to the front; or send the requests back to the other colour.',
  });
}

/** The other colour may be another maker's, but not another project's; and what is still kept for the way back is not taken away unasked. */
function checkBack(run: Run, project: Project, back: ScalingGroup): void {
  refuseOthers(`scaling group ${back.name}`, back.tags, project);
  if (back.desired === 0 && back.instances.length === 0) return;
  if (ownerOf(back.tags, project) === 'foreign' && back.tags[TAG.colour] !== 'back')
    throw usageError(
      `scaling group ${back.name} is not bake's and has ${back.instances.length} instances`,
      'It has the name of the other colour: it may stay, with 0 instances.',
    );
  const left = Date.parse(back.tags[TAG.expires] ?? '') - run.clock.now();
  if (!(left > 0) || project.config.rollout.blueGreen.duringHold === 'retire') return;
  throw new BakeError(
    `${back.name} of the last rollout is kept for another ${formatDuration(left)}, for the way back`,
    {
      hint: 'Wait, or give up that way back: set rollout.blueGreen.duringHold to retire.',
    },
  );
}
