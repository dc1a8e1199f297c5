import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { groups, invalid, requireLiveGroup } from '../groups.ts';
import { poolOf } from '../members.ts';
import { refuseDuringRefresh } from '../refresh/record.ts';
import type { WarmPool } from './record.ts';

export interface WarmPoolRequest {
  /** -1 takes the limit away. */
  maxPrepared?: number;
  minSize?: number;
  state?: string;
  reuseOnScaleIn?: boolean;
}

const STATES: WarmPool['state'][] = ['Stopped', 'Running', 'Hibernated'];

/** PutWarmPool: makes a pool, or changes what is given. Throws ValidationError, InstanceRefreshInProgress. */
export function putWarmPool(engine: Engine, name: string, request: WarmPoolRequest): void {
  const { warmPool } = requireLiveGroup(engine, name);
  refuseDuringRefresh(engine, name);
  const { maxPrepared, minSize = warmPool?.minSize ?? 0 } = request;
  const state = STATES.find((each) => each === (request.state ?? warmPool?.state ?? 'Stopped'));
  if (!state)
    throw invalid(`Invalid warm pool state: ${request.state}. Valid states are ${STATES.join(', ')}.`);
  if (minSize < 0) throw invalid('The minimum size of a warm pool must be 0 or more.');
  if (maxPrepared !== undefined && maxPrepared < -1) {
    throw invalid('MaxGroupPreparedCapacity must be 0 or more, or -1.');
  }
  if (warmPool?.deleting) throw invalid(`The warm pool of ${name} is being deleted.`);
  groups(engine).patch(name, {
    warmPool: {
      maxPrepared: maxPrepared === -1 ? undefined : (maxPrepared ?? warmPool?.maxPrepared),
      minSize,
      state,
      reuseOnScaleIn: request.reuseOnScaleIn ?? warmPool?.reuseOnScaleIn ?? false,
    },
  });
}

/** DeleteWarmPool: its instances end first. Without `force` it must be empty of them. Throws ResourceInUse, ValidationError. */
export function deleteWarmPool(engine: Engine, name: string, force: boolean): void {
  const { warmPool } = requireLiveGroup(engine, name);
  if (!warmPool) throw invalid(`No warm pool found for AutoScalingGroup ${name}`);
  if (poolOf(engine, name).length > 0 && !force) {
    throw new ServiceError(
      'ResourceInUse',
      'You cannot delete a warm pool while there are instances in it: use ForceDelete.',
    );
  }
  groups(engine).patch(name, { warmPool: { ...warmPool, deleting: true } });
}
