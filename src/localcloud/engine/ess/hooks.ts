import { addServers } from '../clb/servers.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { endActivity } from './activities.ts';
import { type EssHook, type EssMember, essHooks, essMembers, findEssGroup } from './records.ts';

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

/**
 * Ends a wait. ABANDON: a launch is undone, a removal goes on at once. ROLLBACK: a launch is undone, and so is a removal. Throws
 * InvalidLifecycleActionToken.NotFound.
 */
export function completeAction(
  engine: Engine,
  { hookId, token }: { hookId: string; token: string },
  result: string,
): void {
  const member = essMembers(engine).filter(({ waits }) =>
    waits.some((wait) => wait.hookId === hookId && wait.token === token),
  )[0];
  if (!member) throw unknownToken();
  const set = (fields: Partial<EssMember>) => essMembers(engine).patch(member.instanceId, fields);
  const launching = member.state === 'Pending:Wait';
  // The first that says so decides: the other hooks have nothing more to wait for.
  if (result === 'CONTINUE') set({ waits: member.waits.filter((wait) => wait.token !== token) });
  else if (launching) set({ waits: [], abandoned: true });
  else if (result === 'ABANDON') set({ waits: [] });
  else returnMember(engine, member);
}

/** A removal that is called back: the instance serves again. */
function returnMember(engine: Engine, { instanceId, groupId, activityId }: EssMember): void {
  const { links } = findEssGroup(engine, groupId);
  for (const { serverGroupId, port, weight } of links)
    addServers(engine, serverGroupId, [{ serverId: instanceId, port, weight }]);
  const since = engine.clock.now();
  essMembers(engine).patch(instanceId, { state: 'InService', since, waits: [], keeps: undefined });
  endActivity(engine, activityId, 'Failed', {
    errorCode: 'LifecycleHookRollback',
    errorMessage: `The removal of ECS instance ${instanceId} was rolled back.`,
  });
}

const unknownToken = () =>
  new ServiceError(
    'InvalidLifecycleActionToken.NotFound',
    'The specified lifecycle action token does not exist.',
    404,
  );

/** By the hook's own time. Throws InvalidLifecycleActionToken.NotFound. */
export function heartbeat(engine: Engine, hookId: string, token: string, seconds: number | undefined): void {
  const hook = essHooks(engine).get(hookId);
  const member = essMembers(engine).filter(({ waits }) => waits.some((wait) => wait.token === token))[0];
  if (!hook || !member) throw unknownToken();
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

/** ESS: hooks of one group. */
const MOST_HOOKS = 6;

/** Throws InvalidLifecycleHookName.Duplicate, QuotaExceeded.LifecycleHook, InvalidParameter.HeartbeatTimeout. */
export function createHook(engine: Engine, request: Omit<EssHook, 'hookId' | 'createdAt'>): EssHook {
  const others = essHooks(engine).filter(({ groupId }) => groupId === request.groupId);
  if (others.some(({ name }) => name === request.name))
    throw new ServiceError(
      'InvalidLifecycleHookName.Duplicate',
      'The specified lifecycle hook name already exists.',
    );
  if (others.length >= MOST_HOOKS)
    throw new ServiceError(
      'QuotaExceeded.LifecycleHook',
      `A scaling group has at most ${MOST_HOOKS} lifecycle hooks.`,
    );
  checkHook(request);
  const hookId = engine.ids.resource('ash');
  const name = request.name === '' ? hookId : request.name;
  return essHooks(engine).put(hookId, { ...request, name, hookId, createdAt: engine.clock.now() });
}

/** For instances that come from now on. Throws InvalidLifecycleHookId.NotFound, InvalidParameter.HeartbeatTimeout. */
export function modifyHook(engine: Engine, hookId: string, changes: Partial<EssHook>): void {
  const changed = { ...findHook(engine, hookId), ...changes };
  checkHook(changed);
  essHooks(engine).put(hookId, changed);
}

/** Whom it holds goes on as its default has it. Throws InvalidLifecycleHookId.NotFound. */
export function deleteHook(engine: Engine, hookId: string): void {
  const { defaultResult } = findHook(engine, hookId);
  for (const { waits } of essMembers(engine).all())
    for (const wait of waits) if (wait.hookId === hookId) completeAction(engine, wait, defaultResult);
  essHooks(engine).delete(hookId);
}

/** Throws InvalidLifecycleHookId.NotFound. */
export function findHook(engine: Engine, hookId: string): EssHook {
  const found = essHooks(engine).get(hookId);
  if (found) return found;
  throw new ServiceError(
    'InvalidLifecycleHookId.NotFound',
    `The specified lifecycle hook ${hookId} does not exist.`,
    404,
  );
}

function checkHook({ heartbeat: seconds }: Pick<EssHook, 'heartbeat'>): void {
  if (seconds >= 30 && seconds <= 21_600) return;
  throw new ServiceError(
    'InvalidParameter.HeartbeatTimeout',
    'The specified HeartbeatTimeout must be between 30 and 21600.',
  );
}
