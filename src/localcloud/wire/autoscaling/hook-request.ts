import { invalid } from '../../engine/autoscaling/groups.ts';
import type { HookSettings } from '../../engine/autoscaling/hooks.ts';
import type { HookResult } from '../../engine/autoscaling/lifecycle-actions.ts';
import type { Input } from '../input.ts';

/** AWS: LifecycleHookSpecification, and PutLifecycleHook's own fields of the same names. */
export const readHook = (input: Input): HookSettings => ({
  name: input.require('LifecycleHookName'),
  transition: input.text('LifecycleTransition'),
  heartbeatTimeout: input.int('HeartbeatTimeout'),
  defaultResult: readResult(input.text('DefaultResult')),
  metadata: input.text('NotificationMetadata'),
  targetArn: input.text('NotificationTargetARN'),
  roleArn: input.text('RoleARN'),
});

/** Throws ValidationError for anything but the two words. */
export function readResult(text: string | undefined): HookResult | undefined {
  if (text === undefined || text === 'CONTINUE' || text === 'ABANDON') return text;
  throw invalid('Lifecycle action result must be CONTINUE or ABANDON.');
}
