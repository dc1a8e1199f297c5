import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type GroupRecord, invalid, requireGroup } from './groups.ts';
import { sendNotice, sendTestNotice } from './hook-notices.ts';
import type { LifecycleAction, MemberRecord } from './members.ts';

export const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** AWS: LifecycleHook. Times in seconds. */
export interface HookRecord {
  name: string;
  group: string;
  transition: string;
  heartbeatTimeout: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
  metadata?: string;
  targetArn?: string;
  roleArn?: string;
}

export type HookSettings = Pick<HookRecord, 'name'> & Partial<Omit<HookRecord, 'name' | 'group'>>;

const MOST_HOOKS = 50;

const hooks = (engine: Engine) => engine.store.table<HookRecord>('lifecycleHooks');

const keyOf = (group: string, name: string) => `${group}/${name}`;

export const hooksOf = (engine: Engine, group: string, transition?: string) =>
  hooks(engine).filter(
    (hook) => hook.group === group && (transition === undefined || hook.transition === transition),
  );

/** An instance may wait this long in all, seconds. Source: AWS LifecycleHook.GlobalTimeout. */
export const globalTimeout = (hook: HookRecord) => Math.min(172_800, 100 * hook.heartbeatTimeout);

/** Creates a hook or changes the given fields of one that exists. */
export function putHook(engine: Engine, group: string, settings: HookSettings): void {
  const record = requireGroup(engine, group);
  const existing = hooks(engine).get(keyOf(group, settings.name));
  if (!existing && hooksOf(engine, group).length >= MOST_HOOKS) {
    throw new ServiceError('LimitExceeded', `You can have at most ${MOST_HOOKS} lifecycle hooks per group.`);
  }
  const hook = checkedHook(group, settings, existing);
  if (settings.targetArn !== undefined) sendTestNotice(engine, record, hook);
  hooks(engine).put(keyOf(group, settings.name), hook);
}

/** Throws ValidationError unless the settings make a hook. */
export function checkedHook(group: string, settings: HookSettings, existing?: HookRecord): HookRecord {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const hook: HookRecord = {
    group,
    transition: '',
    heartbeatTimeout: 3600,
    defaultResult: 'ABANDON',
    ...existing,
    ...given,
    name: settings.name,
  };
  if (hook.transition !== LAUNCHING && hook.transition !== TERMINATING) {
    throw invalid(`Lifecycle transition must be one of ${LAUNCHING}, ${TERMINATING}.`);
  }
  if (hook.heartbeatTimeout < 30 || hook.heartbeatTimeout > 7200) {
    throw invalid('Heartbeat timeout must be between 30 and 7200 seconds.');
  }
  if (hook.defaultResult !== 'CONTINUE' && hook.defaultResult !== 'ABANDON') {
    throw invalid('DefaultResult must be CONTINUE or ABANDON.');
  }
  return hook;
}

/** Throws ValidationError. */
export function requireHook(engine: Engine, group: string, name: string): void {
  requireGroup(engine, group);
  if (hooks(engine).has(keyOf(group, name))) return;
  throw invalid(`Lifecycle hook not found: no hook ${name} in AutoScalingGroup ${group}`);
}

export const forgetHook = (engine: Engine, group: string, name: string) =>
  hooks(engine).delete(keyOf(group, name));

export function deleteHooksOf(engine: Engine, group: string): void {
  for (const hook of hooksOf(engine, group)) forgetHook(engine, group, hook.name);
}

/** One action per hook of the transition: they run side by side, and the member goes on when all are complete. */
export function openActions(
  engine: Engine,
  group: GroupRecord,
  member: MemberRecord,
  transition: string,
): LifecycleAction[] {
  return hooksOf(engine, group.name, transition).map((hook) => {
    const action = openAction(engine, hook);
    sendNotice(engine, group, hook, member, action.token);
    return action;
  });
}

function openAction(engine: Engine, hook: HookRecord): LifecycleAction {
  const now = engine.clock.now();
  const heartbeat = hook.heartbeatTimeout * 1000;
  return {
    hook: hook.name,
    token: engine.ids.uuid(),
    defaultResult: hook.defaultResult,
    heartbeat,
    deadline: now + heartbeat,
    globalDeadline: now + globalTimeout(hook) * 1000,
  };
}
