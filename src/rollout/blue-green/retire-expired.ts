import type { Cloud, ScalingGroup } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { findColours } from '../../fleet/colours.ts';
import { inService } from '../../fleet/wait.ts';
import { messageOf } from '../../run/errors.ts';
import { formatDuration } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { TAG } from '../../run/tags.ts';
import type { GcResult } from '../../upkeep/gc-collector.ts';
import { lockFleet, readLock } from '../lock.ts';
import { removeColour } from './empty.ts';
import { refuseServing } from './preflight.ts';
import { routeOf } from './route.ts';

/**
 * Retires the colour that a blue-green rollout or a cutover has kept for the way back, when its time is over: only one that bake has put to
 * the back, that gets no requests, while the colour in front is healthy and nobody works on the fleet.
 */
export async function retireExpired(
  run: Run,
  cloud: Cloud,
  project: Project,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<GcResult> {
  const result: GcResult = { removed: [], failures: [] };
  if (!project.config.fleet) return result;
  const due = await expiredColour(run, cloud, project);
  if (!due) return result;
  const { name } = due.back;
  try {
    const route = await routeOf(cloud, project, due.front, { name, group: due.back });
    await refuseServing(cloud, due.front, due.back, route);
    if (!dryRun && !(await retireUnderLock(run, cloud, project, name))) {
      result.failures.push(`scaling group ${name}: its instances have not ended yet; gc again later`);
      return result;
    }
    const why = `its hold window ended ${formatDuration(run.clock.now() - due.until)} ago`;
    result.removed.push({ kind: 'scaling group', id: name, name, region: cloud.region, why });
  } catch (error) {
    result.failures.push(`scaling group ${name}: ${messageOf(error)}`);
  }
  return result;
}

async function expiredColour(
  run: Run,
  cloud: Cloud,
  project: Project,
): Promise<{ front: ScalingGroup; back: ScalingGroup; until: number } | undefined> {
  const { front, back } = (await findColours(cloud, project)) ?? {};
  if (!front || back?.tags[TAG.colour] !== 'back') return undefined;
  const until = Date.parse(back.tags[TAG.expires] ?? '');
  // Who works on the fleet, or has left it half done, decides what becomes of it.
  if (!(until <= run.clock.now()) || (await readLock(cloud, project))) return undefined;
  if (inService(front).length >= front.desired) return { front, back, until };
  run.warn(
    `${back.name} is past its hold window, and kept: ${front.name}, which is in front, is not healthy`,
  );
  return undefined;
}

async function retireUnderLock(run: Run, cloud: Cloud, project: Project, name: string): Promise<boolean> {
  const lock = await lockFleet(run, cloud, project, { command: 'gc' });
  try {
    const config = project.config.rollout;
    return await run.step('gc-colour', `Retiring ${name}`, (step) =>
      removeColour({ run, cloud, project, config }, name, step),
    );
  } finally {
    await lock.release();
  }
}
