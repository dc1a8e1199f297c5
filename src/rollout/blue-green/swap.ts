import { TAG } from '../../run/tags.ts';
import { type Change, lookAt } from './context.ts';

/**
 * Says in the cloud who is in front now: first of the one that is, then of the one that is not any more; whoever reads in between sees
 * two that serve, as it is. Idempotent.
 */
export async function swap({ cloud, from, to, release }: Change): Promise<void> {
  const front = { [TAG.colour]: 'front', [TAG.release]: release };
  await cloud.groups.setTags(to, front, { propagate: false });
  await cloud.groups.removeTags(to, [TAG.expires]);
  if ((await lookAt({ cloud, from, to })).from)
    await cloud.groups.setTags(from, { [TAG.colour]: 'back' }, { propagate: false });
}
