import type { LifecycleHook, LifecycleHooks } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { isDuplicate, isNotFound } from './errors.ts';
import { groupIdOf } from './group-ids.ts';

interface WireHook {
  LifecycleHookId: string;
  LifecycleHookName: string;
  LifecycleTransition: 'SCALE_OUT' | 'SCALE_IN';
  HeartbeatTimeout: number;
  DefaultResult: 'CONTINUE' | 'ABANDON';
  NotificationMetadata?: string;
}

const hooksOf = async (ali: Connection, ScalingGroupId: string): Promise<WireHook[]> =>
  ali.pages(
    'ess',
    'DescribeLifecycleHooks',
    { ScalingGroupId },
    (answer: { LifecycleHooks?: WireHook[] }) => answer.LifecycleHooks,
    50,
  );

/** Creates a hook of a group, or changes the one of that name. */
export async function putHook(ali: Connection, ScalingGroupId: string, hook: LifecycleHook): Promise<void> {
  const existing = (await hooksOf(ali, ScalingGroupId)).find((one) => one.LifecycleHookName === hook.name);
  const fields = {
    LifecycleTransition: hook.on === 'launch' ? 'SCALE_OUT' : 'SCALE_IN',
    HeartbeatTimeout: Math.round(hook.heartbeat / 1_000),
    DefaultResult: hook.otherwise === 'abandon' ? 'ABANDON' : 'CONTINUE',
    NotificationMetadata: hook.note,
  };
  if (existing) {
    const { LifecycleHookId } = existing;
    await ali.call('ess', 'ModifyLifecycleHook', { LifecycleHookId, ...fields });
  } else {
    const query = { ScalingGroupId, LifecycleHookName: hook.name, ...fields };
    try {
      await ali.call('ess', 'CreateLifecycleHook', query);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
}

/** Lifecycle hooks of ESS. */
export function lifecycleHooks(ali: Connection): LifecycleHooks {
  return {
    async list(group) {
      const id = await groupIdOf(ali, group);
      return id === undefined ? [] : (await hooksOf(ali, id)).map(toHook);
    },

    async put(group, hook) {
      await putHook(ali, (await groupIdOf(ali, group))!, hook);
    },

    async remove(group, name) {
      const id = await groupIdOf(ali, group);
      const hook = id && (await hooksOf(ali, id)).find((one) => one.LifecycleHookName === name);
      if (!hook) return;
      try {
        await ali.call('ess', 'DeleteLifecycleHook', { LifecycleHookId: hook.LifecycleHookId });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

const toHook = (hook: WireHook): LifecycleHook => ({
  name: hook.LifecycleHookName,
  on: hook.LifecycleTransition === 'SCALE_OUT' ? 'launch' : 'terminate',
  heartbeat: hook.HeartbeatTimeout * 1_000,
  otherwise: hook.DefaultResult === 'ABANDON' ? 'abandon' : 'continue',
  note: hook.NotificationMetadata || undefined,
});
