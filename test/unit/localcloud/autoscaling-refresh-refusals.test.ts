import { describe, expect, it } from 'vitest';
import { deleteGroup } from '../../../src/localcloud/engine/autoscaling/delete.ts';
import { cancelRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/cancel.ts';
import { rollbackRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/rollback.ts';
import {
  type RefreshRequest,
  startRefresh,
} from '../../../src/localcloud/engine/autoscaling/refresh/start.ts';
import { updateGroup } from '../../../src/localcloud/engine/autoscaling/update.ts';
import { MINUTE, World } from '../../helpers/autoscaling.ts';

async function worldOf(version = '1') {
  const world = new World();
  world.addTemplate();
  await world.addGroup(2, { template: { name: 'worker', version } });
  return world;
}

const refusal = (code: string, message: string) => expect.objectContaining({ code, message });

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('not refused');
}

describe('a refresh is refused', () => {
  const template = { name: 'worker', version: '2' };
  const desired = { template };
  const outOfRange = (name: string, value: number, low: number, high: number) =>
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${low} and ${high}`;

  it.each<[string, Partial<RefreshRequest>, string]>([
    ['a minimum above 100', { preferences: { min: 101 } }, outOfRange('MinHealthyPercentage', 101, 0, 100)],
    [
      'a maximum below 100',
      { preferences: { min: 50, max: 99 } },
      outOfRange('MaxHealthyPercentage', 99, 100, 200),
    ],
    [
      'a maximum without a minimum',
      { preferences: { max: 110 } },
      'If you specify MaxHealthyPercentage, you must also specify MinHealthyPercentage.',
    ],
    [
      'bounds more than 100 apart',
      { preferences: { min: 90, max: 191 } },
      'The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.',
    ],
    [
      'a checkpoint of 0',
      { preferences: { checkpoints: [0] } },
      outOfRange('CheckpointPercentages', 0, 1, 100),
    ],
    [
      'checkpoints out of order',
      { preferences: { checkpoints: [50, 20] } },
      'CheckpointPercentages must be unique and in ascending order.',
    ],
    [
      'a checkpoint named twice',
      { preferences: { checkpoints: [50, 50] } },
      'CheckpointPercentages must be unique and in ascending order.',
    ],
    [
      'a checkpoint delay without checkpoints',
      { preferences: { checkpointDelay: 60 } },
      'If you specify CheckpointDelay, you must also specify CheckpointPercentages.',
    ],
    [
      'a checkpoint delay over two days',
      { preferences: { checkpoints: [100], checkpointDelay: 172_801 } },
      outOfRange('CheckpointDelay', 172_801, 0, 172_800),
    ],
    [
      'a bake time over two days',
      { preferences: { bakeTime: 172_801 } },
      outOfRange('BakeTime', 172_801, 0, 172_800),
    ],
    [
      'more than ten alarms',
      { preferences: { alarms: Array.from({ length: 11 }, (_, n) => `alarm-${n}`) } },
      'AlarmSpecification can name at most 10 alarms.',
    ],
    [
      'an alarm that is not there',
      { preferences: { alarms: ['errors'] } },
      'The CloudWatch alarm errors does not exist.',
    ],
    [
      'auto rollback without a desired configuration',
      { preferences: { autoRollback: true } },
      "The request isn't valid. The AutoRollback parameter cannot be set to true when the DesiredConfiguration parameter is empty. Set AutoRollback to false or specify a desired configuration and try again.",
    ],
    [
      'a desired configuration that holds nothing',
      { preferences: {}, desired: {} },
      'DesiredConfiguration must contain either LaunchTemplate or MixedInstancesPolicy.',
    ],
    [
      'a template that is not there',
      { preferences: {}, desired: { template: { name: 'nobody' } } },
      'You must use a valid fully-formed launch template. The specified launch template, with template name nobody, does not exist.',
    ],
    [
      'the strategy ReplaceRootVolume without a mixed instances policy',
      { preferences: {}, desired, strategy: 'ReplaceRootVolume' },
      'The strategy ReplaceRootVolume needs a desired configuration with a mixed instances policy.',
    ],
    [
      'the strategy ReplaceRootVolume with an override that has no image',
      {
        preferences: {},
        desired: { mixed: { template: { name: 'worker' }, overrides: [{ instanceType: 't3.small' }] } },
        strategy: 'ReplaceRootVolume',
      },
      'With the strategy ReplaceRootVolume every override must have an ImageId.',
    ],
  ])('for %s', async (_what, request, message) => {
    const world = await worldOf();
    const start = () => startRefresh(world.engine, 'workers', { preferences: {}, ...request });
    expect(caught(start)).toEqual(refusal('ValidationError', message));
  });

  it('for a group that is not there', async () => {
    const world = await worldOf();
    expect(caught(() => startRefresh(world.engine, 'nobody', { preferences: {} }))).toEqual(
      refusal('ValidationError', 'AutoScalingGroup name not found - AutoScalingGroup nobody not found'),
    );
  });

  it('for a group that is being deleted', async () => {
    const world = await worldOf();
    deleteGroup(world.engine, 'workers', true);
    expect(caught(() => world.refresh({}))).toMatchObject({ code: 'ResourceInUse' });
  });

  it('while another is active', async () => {
    const world = await worldOf();
    world.refresh({});
    expect(caught(() => world.refresh({}))).toEqual(
      refusal(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
      ),
    );
  });

  it.each(['$Latest', '$Default'])('with auto rollback while the group runs %s', async (version) => {
    const world = await worldOf(version);
    expect(caught(() => world.refresh({ autoRollback: true }))).toEqual(
      refusal(
        'ValidationError',
        `The AutoRollback parameter cannot be set to true when the Auto Scaling group uses version ${version} of its launch template.`,
      ),
    );
  });

  it('with a desired configuration while the group takes its image from a parameter', async () => {
    const world = await worldOf();
    world.addVersion({ ImageId: 'resolve:ssm:/images/worker' });
    updateGroup(world.engine, 'workers', { template: { name: 'worker', version: '3' } });
    expect(caught(() => world.refresh({}))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('AWS Systems Manager parameter'),
    });
  });
});

describe('while a refresh is active', () => {
  it('the template of its group cannot be changed, but its size can', async () => {
    const world = await worldOf();
    world.refresh({});
    const change = () => updateGroup(world.engine, 'workers', { template: { name: 'worker', version: '1' } });
    expect(caught(change)).toEqual(
      refusal(
        'ValidationError',
        'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
      ),
    );
    updateGroup(world.engine, 'workers', { max: 5, desired: 3 });
    await world.pass(MINUTE);
    expect(world.group.desired).toBe(3);
  });

  it('without a desired configuration there is nothing to roll back to', async () => {
    const world = await worldOf();
    world.refresh({}, null);
    expect(caught(() => rollbackRefresh(world.engine, 'workers'))).toMatchObject({
      code: 'IrreversibleInstanceRefresh',
    });
  });

  it('of a group that runs $Latest there is no rollback', async () => {
    const world = await worldOf('$Latest');
    world.refresh({}, '1');
    expect(caught(() => rollbackRefresh(world.engine, 'workers'))).toMatchObject({
      code: 'IrreversibleInstanceRefresh',
    });
  });
});

it('without an active refresh there is nothing to cancel or roll back', async () => {
  const world = await worldOf();
  expect(caught(() => cancelRefresh(world.engine, 'workers', true))).toEqual(
    refusal(
      'ActiveInstanceRefreshNotFound',
      'No in progress or pending Instance Refresh found for Auto Scaling group workers',
    ),
  );
  expect(caught(() => rollbackRefresh(world.engine, 'workers'))).toMatchObject({
    code: 'ActiveInstanceRefreshNotFound',
  });
});
