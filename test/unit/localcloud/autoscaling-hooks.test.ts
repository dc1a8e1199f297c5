import { describe, expect, it } from 'vitest';
import { activities } from '../../../src/localcloud/engine/autoscaling/activities.ts';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { deleteGroup } from '../../../src/localcloud/engine/autoscaling/delete.ts';
import { groups } from '../../../src/localcloud/engine/autoscaling/groups.ts';
import { LAUNCHING, putHook, TERMINATING } from '../../../src/localcloud/engine/autoscaling/hooks.ts';
import {
  completeAction,
  deleteHook,
  type HookResult,
  recordHeartbeat,
} from '../../../src/localcloud/engine/autoscaling/lifecycle-actions.ts';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { HOUR, MINUTE, SECOND, World } from '../../helpers/autoscaling.ts';

interface Hook {
  transition: string;
  defaultResult?: HookResult;
  heartbeatTimeout?: number;
}

/** A group of `desired`, with the hook `ready` put on it after it has come up; then its capacity becomes `next`. */
async function worldWith(hook: Hook, desired: number, next: number) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired);
  putHook(world.engine, 'workers', { name: 'ready', heartbeatTimeout: 300, ...hook });
  setDesiredCapacity(world.engine, 'workers', next, false);
  await world.pass(5 * SECOND);
  return world;
}

const states = (world: World) => world.members.map(({ state }) => state);

function complete(world: World, result: HookResult) {
  const instanceId = world.members.at(-1)?.instanceId as string;
  completeAction(world.engine, { group: 'workers', hook: 'ready', instanceId }, result);
}

describe('a launch hook', () => {
  it('holds an instance until it is completed', async () => {
    const world = await worldWith({ transition: LAUNCHING }, 0, 1);
    expect(states(world)).toEqual(['Pending:Wait']);
    complete(world, 'CONTINUE');
    await world.pass(SECOND);
    expect(states(world)).toEqual(['InService']);
  });

  it('that is abandoned ends the instance, and another is launched', async () => {
    const world = await worldWith({ transition: LAUNCHING }, 0, 1);
    const [first] = world.members;
    complete(world, 'ABANDON');
    await world.pass(5 * SECOND);
    expect(states(world)).toEqual(['Pending:Wait']);
    expect(world.members[0]?.instanceId).not.toBe(first?.instanceId);
    expect(activities(world.engine).get(first?.activityId as string)).toMatchObject({
      status: 'Failed',
      message: expect.stringMatching(
        /^Instance failed to complete user's Lifecycle Action: Lifecycle Action with token [0-9a-f-]{36} was completed with ABANDON Result$/,
      ),
    });
  });

  it.each([
    { defaultResult: 'CONTINUE' as const, kept: true },
    { defaultResult: 'ABANDON' as const, kept: false },
  ])('that times out takes its default result $defaultResult', async ({ defaultResult, kept }) => {
    const world = await worldWith({ transition: LAUNCHING, defaultResult }, 0, 1);
    const [first] = world.members;
    await world.pass(4 * MINUTE);
    expect(world.members[0]?.instanceId).toBe(first?.instanceId);
    await world.pass(2 * MINUTE);
    expect(world.members[0]?.instanceId === first?.instanceId).toBe(kept);
    expect(states(world)).toEqual([kept ? 'InService' : 'Pending:Wait']);
  });

  it('waits as long as heartbeats come', async () => {
    const world = await worldWith({ transition: LAUNCHING }, 0, 1);
    const instanceId = world.members[0]?.instanceId as string;
    for (let beat = 0; beat < 6; beat++) {
      await world.pass(4 * MINUTE, MINUTE);
      recordHeartbeat(world.engine, { group: 'workers', hook: 'ready', instanceId });
    }
    expect(world.members[0]).toMatchObject({ instanceId, state: 'Pending:Wait' });
  });

  it('cannot be completed twice', async () => {
    const world = await worldWith({ transition: LAUNCHING }, 0, 1);
    const id = world.members[0]?.instanceId;
    complete(world, 'CONTINUE');
    await world.pass(SECOND);
    expect(() => complete(world, 'CONTINUE')).toThrow(
      `No active Lifecycle Action found with instance ID ${id}`,
    );
  });
});

describe('a termination hook', () => {
  it.each(['CONTINUE', 'ABANDON'] as const)('completed with %s lets the instance end', async (result) => {
    const world = await worldWith({ transition: TERMINATING }, 1, 0);
    expect(states(world)).toEqual(['Terminating:Wait']);
    expect(instances(world.engine).all()[0]?.state).toBe('running');
    complete(world, result);
    await world.pass(5 * SECOND);
    expect(world.members).toEqual([]);
    expect(instances(world.engine).all()[0]?.state).toBe('terminated');
  });

  it('that times out lets the instance end', async () => {
    const world = await worldWith({ transition: TERMINATING }, 1, 0);
    await world.pass(6 * MINUTE);
    expect(world.members).toEqual([]);
  });

  it('that is deleted lets the instance end', async () => {
    const world = await worldWith({ transition: TERMINATING }, 1, 0);
    deleteHook(world.engine, 'workers', 'ready');
    await world.pass(5 * SECOND);
    expect(world.members).toEqual([]);
  });

  it('is not asked when the group is deleted by force', async () => {
    const world = await worldWith({ transition: TERMINATING }, 2, 1);
    deleteGroup(world.engine, 'workers', true);
    await world.pass(5 * SECOND);
    expect(groups(world.engine).size).toBe(0);
  });

  it('of a day does not fail the refresh that waits for it', async () => {
    const world = await worldWith({ transition: TERMINATING, heartbeatTimeout: 7200 }, 1, 1);
    const id = world.refresh({ min: 0, warmup: 10 });
    await world.pass(HOUR + 30 * MINUTE, 10 * SECOND);
    expect(world.refreshOf(id)).toMatchObject({ status: 'InProgress', percent: 100 });
    await world.until(() => world.refreshOf(id).endedAt !== undefined, HOUR);
    expect(world.refreshOf(id).status).toBe('Successful');
  });
});

it.each([
  { settings: { transition: 'launching' }, message: 'Lifecycle transition must be one of' },
  { settings: { transition: LAUNCHING, heartbeatTimeout: 29 }, message: 'between 30 and 7200' },
  { settings: { transition: LAUNCHING, heartbeatTimeout: 7201 }, message: 'between 30 and 7200' },
])('a hook with $settings is refused', async ({ settings, message }) => {
  const world = new World();
  world.addTemplate();
  await world.addGroup(0);
  expect(() => putHook(world.engine, 'workers', { name: 'ready', ...settings })).toThrow(message);
});
