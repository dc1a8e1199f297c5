import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { LAUNCHING, putHook, TERMINATING } from '../../../src/localcloud/engine/autoscaling/hooks.ts';
import { completeAction } from '../../../src/localcloud/engine/autoscaling/lifecycle-actions.ts';
import { createQueue } from '../../../src/localcloud/engine/queues/queues.ts';
import { messagesOf, queueArn } from '../../../src/localcloud/engine/queues/records.ts';
import { MINUTE, World } from '../../helpers/autoscaling.ts';

async function worldOf() {
  const world = new World();
  world.addTemplate();
  await world.addGroup(1);
  createQueue(world.engine, 'lifecycle', {}, {});
  return world;
}

const hook = (world: World, transition: string, queue = 'lifecycle') =>
  putHook(world.engine, 'workers', {
    name: 'drain',
    transition,
    heartbeatTimeout: 600,
    metadata: 'release 7',
    targetArn: queueArn(world.engine, queue),
    roleArn: 'arn:aws:iam::000000000000:role/hooks',
  });

const bodies = (world: World) =>
  messagesOf(world.engine, 'lifecycle')
    .all()
    .map(({ body }) => JSON.parse(body));

describe('a lifecycle hook with a queue as its target', () => {
  it('begins with a test message', async () => {
    const world = await worldOf();
    hook(world, TERMINATING);
    expect(bodies(world)).toEqual([
      {
        AccountId: '000000000000',
        RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        AutoScalingGroupARN: world.group.arn,
        AutoScalingGroupName: 'workers',
        Service: 'AWS Auto Scaling',
        Event: 'autoscaling:TEST_NOTIFICATION',
        Time: '2026-01-01T01:00:00.000Z',
      },
    ]);
  });

  it.each([
    [LAUNCHING, 2, 'EC2', 'AutoScalingGroup'],
    [TERMINATING, 0, 'AutoScalingGroup', 'EC2'],
  ])(
    'tells which instance waits at %s, with the token that completes it',
    async (transition, desired, from, to) => {
      const world = await worldOf();
      hook(world, transition);
      setDesiredCapacity(world.engine, 'workers', desired, false);
      await world.pass(MINUTE);
      const waiting = world.members.find(({ state }) => state.endsWith(':Wait'));
      const [, message] = bodies(world);
      expect(message).toMatchObject({
        Origin: from,
        Destination: to,
        LifecycleHookName: 'drain',
        LifecycleTransition: transition,
        AutoScalingGroupName: 'workers',
        EC2InstanceId: waiting?.instanceId,
        NotificationMetadata: 'release 7',
      });
      const token = message.LifecycleActionToken;
      completeAction(world.engine, { group: 'workers', hook: 'drain', token }, 'CONTINUE');
      await world.pass(MINUTE);
      expect(world.fleet).toHaveLength(desired);
    },
  );

  it('is refused when there is no such queue', async () => {
    const world = await worldOf();
    expect(() => hook(world, LAUNCHING, 'nowhere')).toThrow(
      /^Unable to publish test message to notification target arn:aws:sqs:.*:nowhere using IAM role/,
    );
  });
});

it('an abandoned terminate hook leaves the instance running where the group says to retain it', async () => {
  const world = await worldOf();
  Object.assign(world.group.passive, {
    InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
  });
  hook(world, TERMINATING);
  setDesiredCapacity(world.engine, 'workers', 0, false);
  await world.pass(MINUTE);
  const instanceId = world.members[0]?.instanceId as string;
  completeAction(world.engine, { group: 'workers', hook: 'drain', instanceId }, 'ABANDON');
  await world.pass(10 * MINUTE, MINUTE);
  expect(world.members.map(({ state }) => state)).toEqual(['Terminating:Retained']);
});
