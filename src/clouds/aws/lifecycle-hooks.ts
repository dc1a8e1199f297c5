import {
  AutoScalingClient,
  type LifecycleHook as AwsHook,
  DeleteLifecycleHookCommand,
  DescribeLifecycleHooksCommand,
  type LifecycleHookSpecification,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling';
import { messageOf } from '../../run/errors.ts';
import type { LifecycleHook, LifecycleHooks } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { failedWith } from './errors.ts';

const TRANSITIONS = {
  launch: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  terminate: 'autoscaling:EC2_INSTANCE_TERMINATING',
} as const;

/** Lifecycle hooks of Auto Scaling groups. */
export function lifecycleHooks(aws: Connection): LifecycleHooks {
  const client = aws.client(AutoScalingClient);
  return {
    async list(AutoScalingGroupName) {
      const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName });
      return ((await client.send(command)).LifecycleHooks ?? []).map(toHook);
    },

    async put(AutoScalingGroupName, hook) {
      const command = new PutLifecycleHookCommand({ AutoScalingGroupName, ...hookRequest(hook) });
      await whileBusy(aws, () => client.send(command));
    },

    async remove(AutoScalingGroupName, LifecycleHookName) {
      const command = new DeleteLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName });
      try {
        await whileBusy(aws, () => client.send(command));
      } catch (error) {
        // Gone already: by our own earlier attempt whose answer was lost, or by somebody else.
        if (!failedWith(error, 'ValidationError') || !/not found|no lifecycle hook/i.test(messageOf(error)))
          throw error;
      }
    },
  };
}

/** A hook as a new group takes it, and PutLifecycleHook. */
export const hookRequest = (hook: LifecycleHook): LifecycleHookSpecification => ({
  LifecycleHookName: hook.name,
  LifecycleTransition: TRANSITIONS[hook.on],
  HeartbeatTimeout: Math.round(hook.heartbeat / 1_000),
  DefaultResult: hook.otherwise === 'continue' ? 'CONTINUE' : 'ABANDON',
  NotificationMetadata: hook.note,
});

const toHook = (hook: AwsHook): LifecycleHook => ({
  name: hook.LifecycleHookName!,
  on: hook.LifecycleTransition === TRANSITIONS.launch ? 'launch' : 'terminate',
  heartbeat: (hook.HeartbeatTimeout ?? 0) * 1_000,
  otherwise: hook.DefaultResult === 'CONTINUE' ? 'continue' : 'abandon',
  note: hook.NotificationMetadata,
});
