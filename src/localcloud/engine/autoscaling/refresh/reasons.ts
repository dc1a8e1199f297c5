import type { Engine } from '../../engine.ts';
import { requireGroup } from '../groups.ts';
import { isPending, type MemberRecord } from '../members.ts';
import type { RefreshRecord } from './record.ts';
import { isReady, type View } from './view.ts';

const waiting = (why: string) => `Waiting for remaining instances to be available. For example: ${why}`;

/** What a refresh waits for, in the service's own words where they are known; undefined when it waits for nothing. */
export function reasonOf(engine: Engine, refresh: RefreshRecord, view: View): string | undefined {
  if (refresh.checkpointUntil !== undefined && engine.clock.now() < refresh.checkpointUntil) {
    return `Checkpoint of ${refresh.checkpoint}% reached. Waiting for the checkpoint delay of ${refresh.preferences.checkpointDelay} seconds before continuing.`;
  }
  const find = (test: (member: MemberRecord) => boolean) => view.active.find(test)?.instanceId;
  const pending = find(isPending);
  if (pending) return waiting(`${pending} has insufficient data to evaluate its health with Amazon EC2.`);
  const unhealthy = find(({ healthy }) => !healthy);
  if (unhealthy) return waiting(`${unhealthy} is unhealthy.`);
  const warming = find((member) => !isReady(engine, refresh, member));
  if (warming) {
    return `Waiting for instances to warm up before continuing. For example: ${warming} is warming up.`;
  }
  const { backoff } = requireGroup(engine, refresh.group);
  if (backoff)
    return `Waiting for remaining instances to be available. The last launch failed: ${backoff.message}`;
  const blocked = view.blocked[0];
  if (view.replaceable.length === 0 && blocked) return waiting(blockedBy(blocked));
  const leaving = view.leaving[0];
  if (leaving) return waiting(`${leaving.instanceId} is terminating.`);
  return undefined;
}

const blockedBy = ({ instanceId, state }: MemberRecord) =>
  state === 'Standby'
    ? `${instanceId} is in Standby. Return the instance to service to continue.`
    : `${instanceId} is protected. Remove instance scale-in protection to continue.`;

/** While it bakes: what is left of the bake time, in seconds as the user gave them, whatever the engine's speed. */
export function bakingReason(engine: Engine, refresh: RefreshRecord): string {
  const left = Math.max(0, (refresh.bakeUntil ?? 0) - engine.clock.now());
  const seconds = Math.ceil(left / engine.latency.scale(1000) || 0);
  return `Waiting for bake time to finish before continuing. There are ${seconds} seconds left.`;
}
