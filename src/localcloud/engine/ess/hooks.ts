import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type EssHook, type EssMember, essHooks, essMembers } from './records.ts';

/** Hooks of a group for one direction. */
export const hooksFor = (engine: Engine, groupId: string, transition: EssHook['transition']): EssHook[] =>
  essHooks(engine).filter((hook) => hook.groupId === groupId && hook.transition === transition);

/** What a member has to wait for, from now on. The time that an instance is given is never shortened. */
export const waitsFor = (
  engine: Engine,
  groupId: string,
  transition: EssHook['transition'],
): EssMember['waits'] =>
  hooksFor(engine, groupId, transition).map(({ hookId, heartbeat, defaultResult }) => ({
    hookId,
    token: engine.ids.uuid().toUpperCase(),
    until: engine.clock.now() + heartbeat * 1_000,
    defaultResult,
  }));

/** Ends a wait. A launch that is abandoned is undone. Throws InvalidLifecycleActionToken.NotFound. */
export function completeAction(
  engine: Engine,
  { hookId, token }: { hookId: string; token: string },
  result: string,
): EssMember {
  const member = essMembers(engine).filter(({ waits }) =>
    waits.some((wait) => wait.hookId === hookId && wait.token === token),
  )[0];
  if (!member)
    throw new ServiceError(
      'InvalidLifecycleActionToken.NotFound',
      'The specified lifecycle action token does not exist.',
      404,
    );
  // The first that says so decides: the other hooks have nothing more to wait for.
  const abandoned = result === 'ABANDON' || result === 'ROLLBACK';
  const waits = abandoned ? [] : member.waits.filter((wait) => wait.token !== token);
  const undone = abandoned && member.state === 'Pending:Wait';
  return essMembers(engine).patch(member.instanceId, { waits, ...(undone && { healthy: false }) });
}

/** By the hook's own time. Throws InvalidLifecycleActionToken.NotFound. */
export function heartbeat(engine: Engine, hookId: string, token: string, seconds: number | undefined): void {
  const hook = essHooks(engine).get(hookId);
  const member = essMembers(engine).filter(({ waits }) => waits.some((wait) => wait.token === token))[0];
  if (!hook || !member)
    throw new ServiceError(
      'InvalidLifecycleActionToken.NotFound',
      'The specified lifecycle action token does not exist.',
      404,
    );
  const until = engine.clock.now() + (seconds ?? hook.heartbeat) * 1_000;
  const waits = member.waits.map((wait) => (wait.token === token ? { ...wait, until } : wait));
  essMembers(engine).patch(member.instanceId, { waits });
}

/** Lets go of waits whose time is over; returns when the next one's is. */
export function expireWaits(engine: Engine, member: EssMember, now: number): number | undefined {
  for (const { hookId, token, until, defaultResult } of member.waits)
    if (until <= now) completeAction(engine, { hookId, token }, defaultResult);
  const left = essMembers(engine).get(member.instanceId)?.waits ?? [];
  return left.length === 0 ? undefined : Math.min(...left.map(({ until }) => until));
}
