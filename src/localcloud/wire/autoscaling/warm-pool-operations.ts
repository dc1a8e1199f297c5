import { requireGroup } from '../../engine/autoscaling/groups.ts';
import { poolOf } from '../../engine/autoscaling/members.ts';
import { deleteWarmPool, putWarmPool } from '../../engine/autoscaling/warm-pool/put.ts';
import type { WarmPool } from '../../engine/autoscaling/warm-pool/record.ts';
import type { Operation } from '../service.ts';
import { viewMember } from './member-view.ts';
import { pageOf } from './paging.ts';

export const PutWarmPool: Operation = (input, { engine }) => {
  putWarmPool(engine, input.require('AutoScalingGroupName'), {
    maxPrepared: input.int('MaxGroupPreparedCapacity'),
    minSize: input.int('MinSize'),
    state: input.text('PoolState'),
    reuseOnScaleIn: input.object('InstanceReusePolicy')?.bool('ReuseOnScaleIn'),
  });
  return {};
};

export const DescribeWarmPool: Operation = (input, { engine }) => {
  const group = requireGroup(engine, input.require('AutoScalingGroupName'));
  const { items, next } = pageOf(input, [...poolOf(engine, group.name)], 50, 50);
  return {
    WarmPoolConfiguration: viewWarmPool(group.warmPool),
    Instances: items.map(viewMember),
    NextToken: next,
  };
};

export const DeleteWarmPool: Operation = (input, { engine }) => {
  deleteWarmPool(engine, input.require('AutoScalingGroupName'), input.bool('ForceDelete') ?? false);
  return {};
};

/** AWS: WarmPoolConfiguration. */
export const viewWarmPool = (pool: WarmPool | undefined) =>
  pool && {
    MaxGroupPreparedCapacity: pool.maxPrepared,
    MinSize: pool.minSize,
    PoolState: pool.state,
    Status: pool.deleting ? 'PendingDelete' : undefined,
    InstanceReusePolicy: { ReuseOnScaleIn: pool.reuseOnScaleIn },
  };
