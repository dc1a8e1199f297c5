import type { InstanceRefresh } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import type { Rollout } from './context.ts';

/** Why a rollout has to be undone. */
export class RolloutFailed extends BakeError {}

/** One look at a refresh that must be there. */
export async function findRefresh(
  { cloud, before }: { cloud: Rollout['cloud']; before: Pick<Rollout['before'], 'group'> },
  refreshId: string,
): Promise<InstanceRefresh> {
  const refresh = await cloud.refreshes.find(before.group.name, refreshId);
  if (refresh) return refresh;
  throw new RolloutFailed(`instance refresh ${refreshId} of ${before.group.name} cannot be found any more`);
}
