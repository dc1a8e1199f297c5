import type { Engine } from '../../engine.ts';
import { type GroupRecord, requireGroup } from '../groups.ts';
import type { Configuration } from '../launch.ts';
import type { Composition } from '../mixed/policy.ts';
import { activeRefresh, directionOf, type RefreshRecord } from './record.ts';

/**
 * What the group launches now. While a refresh goes forward, scale-outs and replacements of unhealthy instances get its
 * desired configuration too; the group's own comes back with a rollback, a failure or a cancellation.
 */
export function configurationOf(engine: Engine, group: GroupRecord): Configuration {
  const refresh = activeRefresh(engine, group.name);
  if (!refresh || refresh.status === 'Cancelling') {
    return { template: group.template, mixed: group.mixed };
  }
  return {
    ...targetOf(engine, refresh),
    refresh: { id: refresh.id, direction: directionOf(refresh) },
  };
}

/** The configuration that a refresh brings its instances to. */
export function targetOf(engine: Engine, refresh: RefreshRecord): Composition {
  const { template, mixed } = requireGroup(engine, refresh.group);
  const back = refresh.status === 'RollbackInProgress' || !refresh.desired;
  return back ? { template, mixed } : { template: refresh.desired ?? template, mixed: refresh.desiredMixed };
}
