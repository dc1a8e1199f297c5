import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { requireGroup, type TemplateReference } from '../groups.ts';
import { templatesOf } from '../mixed/variants.ts';
import { hasImageParameter, isMoving } from '../templates.ts';
import { beginRollback } from './end.ts';
import { activeRefresh, type RefreshRecord } from './record.ts';

/**
 * RollbackInstanceRefresh: while it is in progress or baking. Returns the id of the refresh. Throws
 * ActiveInstanceRefreshNotFound, IrreversibleInstanceRefresh.
 */
export function rollbackRefresh(engine: Engine, name: string): string {
  const group = requireGroup(engine, name);
  const refresh = activeRefresh(engine, name);
  if (refresh?.status === 'RollbackInProgress') return refresh.id;
  if (!refresh || refresh.status === 'Cancelling') {
    throw new ServiceError(
      'ActiveInstanceRefreshNotFound',
      `No in progress, pending or baking Instance Refresh found for Auto Scaling group ${name}`,
    );
  }
  const obstacle = irreversible(engine, refresh, templatesOf(group));
  if (obstacle) throw new ServiceError('IrreversibleInstanceRefresh', obstacle);
  beginRollback(engine, refresh, 'Rollback triggered due to user request.');
  return refresh.id;
}

function irreversible(
  engine: Engine,
  refresh: RefreshRecord,
  saved: TemplateReference[],
): string | undefined {
  if (!refresh.desired) return 'The instance refresh cannot be rolled back: it has no desired configuration.';
  const moving = saved.find(isMoving);
  if (moving) {
    return `The instance refresh cannot be rolled back: the Auto Scaling group uses version ${moving.version} of its launch template.`;
  }
  if (saved.some((template) => hasImageParameter(engine, template))) {
    return 'The instance refresh cannot be rolled back: the launch template of the Auto Scaling group names its image by a Systems Manager parameter.';
  }
  return undefined;
}
